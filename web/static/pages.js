// Conveniences only: results as one types, a print button. Every page works without.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

for (const form of document.querySelectorAll("form[data-live]")) {
  const field = form.elements.q;
  const results = document.getElementById(form.dataset.live);
  let waiting, latest = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => show(form, field, results, ++latest), 150);
  });
  const show = async (form, field, results, turn) => {
    if (field.value.trim().length < 2) return results.replaceChildren();
    const query = new URLSearchParams(new FormData(form));
    query.set("osa", "tulokset");
    try {
      const response = await fetch(`${form.action}?${query}`);
      const html = await response.text();
      if (turn === latest) results.innerHTML = html; // the server has made it safe
    } catch { /* offline: the button still works */ }
  };
}

for (const form of document.querySelectorAll("form[data-checks]")) {
  const results = document.getElementById(form.dataset.checks);
  let waiting, latest = 0;
  const check = async (turn) => {
    const body = new FormData(form);
    body.set("tee", "tarkista");
    body.set("osa", "tarkistus");
    try {
      const response = await fetch(form.action, { method: "POST", body });
      if (response.ok && turn === latest) results.innerHTML = await response.text(); // the server has made it safe
    } catch { /* offline: what is typed stays */ }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => check(++latest), 700);
  });
}

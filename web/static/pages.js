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

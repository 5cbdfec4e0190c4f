// The preview's chat: sends what is typed or pressed, shows the reply's HTML, which the server has made safe.
"use strict";

const conversation = document.getElementById("conversation");
const form = document.getElementById("ask");
const question = document.getElementById("question");
const header = document.querySelector("header");
const dock = form.parentElement;
const texts = document.body.dataset;
const language = document.documentElement.lang;
const touch = matchMedia("(hover: none)");
const SLOW = 300; // milliseconds; a faster reply needs no "looking for a tip"

function add(kind, sender) {
  const article = document.createElement("article");
  article.className = kind;
  const who = document.createElement("span");
  who.className = "hidden";
  who.textContent = sender + ": ";
  article.append(who);
  conversation.append(article);
  return article;
}

// The text goes in as text: what somebody types is never markup.
function paragraph(article, kind, text) {
  const block = document.createElement("p");
  block.className = kind;
  block.textContent = text;
  article.append(block);
}

// Shows the whole exchange if it fits; if not, its start: from the question, or from the reply when that is long.
function reveal(own, reply) {
  const above = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  const room = innerHeight - above - dock.offsetHeight;
  const needed = reply.getBoundingClientRect().bottom - own.getBoundingClientRect().top;
  if (needed <= room) reply.scrollIntoView({ block: "nearest" });
  else (own.offsetHeight < room / 4 ? own : reply).scrollIntoView({ block: "start" });
}

// The question field is where one goes on, but on a touch screen its keyboard would cover the reply.
function settle() {
  if (touch.matches) question.blur();
  else question.focus({ preventScroll: true });
}

// Returns {html} or {trouble}, a text to show.
async function answer(body) {
  try {
    const response = await fetch("/preview/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, lang: language }),
    });
    if (response.ok) return await response.json();
    return { trouble: response.status === 413 ? texts.tooLong : texts.trouble };
  } catch { // the connection broke
    return { trouble: texts.error };
  }
}

// Says the text, shows the reply; whether there was one. `known` is the answer where it is there already.
async function exchange(text, body, known) {
  const own = add("you", texts.you);
  own.append(text);
  const reply = add("bot waiting", texts.bot);
  const slow = setTimeout(() => paragraph(reply, "text", texts.thinking), SLOW);
  reveal(own, reply);
  const { html, trouble } = known ?? await answer(body);
  clearTimeout(slow);
  reply.classList.remove("waiting");
  reply.querySelector(".text")?.remove();
  if (trouble) paragraph(reply, "warning", trouble);
  else reply.insertAdjacentHTML("beforeend", html);
  // Shift+Tab from the question field finds the newest reply, whether or not it has buttons.
  conversation.querySelector(":scope > [tabindex]")?.removeAttribute("tabindex");
  reply.tabIndex = 0;
  reveal(own, reply);
  return !trouble;
}

// The next step of a session takes the place of the one before.
function turn(steps, html) {
  const reply = steps.parentElement;
  if (!reply) return; // pressed twice: it has been turned
  steps.outerHTML = html;
  if (!reply.hasAttribute("tabindex")) reply.tabIndex = -1;
  reply.focus({ preventScroll: true });
  reply.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = question.value.trim();
  if (!text) return question.focus();
  question.value = "";
  settle();
  const answered = await exchange(text, { text });
  if (!answered && !question.value) question.value = text; // to try again, or to shorten
});

question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

conversation.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button || event.detail > 1) return; // the second half of a double-click
  const choice = button.closest("[data-once]");
  const others = choice ? choice.querySelectorAll("button") : [];
  for (const other of others) other.disabled = true;
  if (choice) button.setAttribute("aria-pressed", "true");
  settle();
  const body = { action: JSON.parse(button.dataset.action) };
  const steps = button.closest("[data-steps]");
  const known = steps ? await answer(body) : undefined;
  if (known?.in_place) return turn(steps, known.html);
  const answered = await exchange(button.textContent, body, known);
  if (answered) return;
  for (const other of others) other.disabled = false;
  button.removeAttribute("aria-pressed");
});

// What gets the focus must not hide behind the header or the question field, however tall they have grown.
const fitted = new ResizeObserver(() => {
  document.documentElement.style.setProperty("--header", `${header.offsetHeight}px`);
  document.documentElement.style.setProperty("--dock", `${dock.offsetHeight}px`);
});
fitted.observe(header);
fitted.observe(dock);

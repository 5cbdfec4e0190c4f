// The preview's chat: sends what is typed or pressed, shows the reply's HTML, which the server has made safe.
"use strict";

const conversation = document.getElementById("conversation");
const form = document.getElementById("ask");
const question = document.getElementById("question");
const said = document.body.dataset;
const language = document.documentElement.lang;

function add(kind, fill) {
  const article = document.createElement("article");
  article.className = kind;
  fill(article);
  conversation.append(article);
  article.scrollIntoView({ block: kind === "you" ? "end" : "nearest" });
  return article;
}

function say(text) {
  add("you", (article) => {
    const who = document.createElement("span");
    who.className = "hidden";
    who.textContent = said.you + ": ";
    article.append(who, text);
  });
}

async function send(body) {
  const waiting = add("bot waiting", (article) => { article.textContent = said.thinking; });
  let fill = (article) => { article.textContent = said.error; };
  try {
    const response = await fetch("/preview/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, lang: language }),
    });
    if (response.ok) {
      const reply = await response.json();
      fill = (article) => { article.innerHTML = reply.html; };
    } else if (response.status === 413) {
      fill = (article) => { article.textContent = said.tooLong; };
    }
  } catch { /* the connection broke: the error text says so */ }
  waiting.remove();
  const article = add("bot", fill);
  article.scrollIntoView({ block: article.offsetHeight > conversation.clientHeight ? "start" : "nearest" });
}

function submit() {
  const text = question.value.trim();
  if (!text) return;
  question.value = "";
  say(text);
  send({ text });
}

form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });

question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
});

conversation.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const choice = button.closest(".choice");
  if (choice.hasAttribute("data-once")) {
    for (const other of choice.querySelectorAll("button")) other.disabled = true;
    button.setAttribute("aria-pressed", "true");
  }
  say(button.textContent);
  send({ action: JSON.parse(button.dataset.action) });
  question.focus({ preventScroll: true });
});

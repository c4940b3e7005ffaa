// Small comforts. Every page works without this file.
"use strict";

// A question before an act that is hard to undo.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  // A second press of the same button must not send the form twice.
  if (form.method === "post") {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    window.setTimeout(() => delete form.dataset.sent, 8000);
  }
});

// Coming back by the browser's history, a form may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// After a refused form the reader, also one who hears the page, starts at the list of errors.
document.querySelector("[data-focus]")?.focus();

// The menu starts at where the reader is: it may be longer than the screen.
function showCurrent(nav) {
  const here = nav?.querySelector("[aria-current]");
  if (here) nav.scrollTop = here.offsetTop - (nav.clientHeight - here.offsetHeight) / 2;
}
showCurrent(document.querySelector(".side > .side-nav"));
document.querySelector(".nav-toggle")?.addEventListener("toggle", (event) => {
  showCurrent(event.currentTarget.querySelector(".side-nav"));
});

// A menu closes on Escape and when something else is pressed.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// Extras for forms and menus. Every form and menu works without this file.

const WATCHED = "form[data-warn-unsaved]";

/* A form is sent once. The button keeps its words and says that it is busy. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  event.submitter?.setAttribute("aria-busy", "true");
  // A file that is downloaded leaves the page as it was.
  if (form.hasAttribute("data-download")) setTimeout(() => release(form), 3000);
});

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}

/* The browser's Back may bring the page back as it was left. */
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});

/* Long forms ask before what was typed is lost. */
const changed = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest(WATCHED);
  if (form) changed.add(form);
});
addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected && !form.dataset.sent)) event.preventDefault();
});

/* After an error the summary has the focus; a link of it leads to the field, not only near it. */
document.querySelector(".error-summary")?.focus();

/* The person menu closes as a menu does. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector(".person-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  const menu = document.querySelector(".person-menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

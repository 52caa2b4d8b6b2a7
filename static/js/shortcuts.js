// The keyboard: / searches, j and k move in lists, g and a letter goes to a page, ? shows the help, Ctrl+Enter sends.
const STORE = "desk-single-keys";
const typing = (target) => target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
let going = false;

function on() {
  return localStorage.getItem(STORE) !== "off";
}

function move(step) {
  const rows = [...document.querySelectorAll("a.rowlink")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.closest("tr, li") === document.activeElement?.closest("tr, li"));
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next].focus();
}

function search() {
  const field = document.querySelector("[data-search], input[type=search]");
  if (field) return field.focus();
  const history = document.querySelector('[data-go="h"]');
  if (history) location.assign(`${history.href}#search`);
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  "/": search,
  "?": () => document.getElementById("keys")?.togglePopover(),
};

function send(event) {
  const form = event.target.closest("form") ?? document.querySelector("[data-send]")?.form;
  const find = (what) => [...form.elements].find((element) => element.matches(what));
  const button = form && (find("details[open] [data-schedule]") ?? find("[data-send], .btn.primary"));
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return send(event);
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !on()) return;
  if (going) {
    going = false;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) event.preventDefault(), link.click();
  } else if (event.key === "g") {
    going = true;
    setTimeout(() => (going = false), 1500);
  } else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

const choice = document.querySelector("[data-single-keys]");
if (choice) {
  choice.checked = on();
  choice.addEventListener("change", () => localStorage.setItem(STORE, choice.checked ? "on" : "off"));
}

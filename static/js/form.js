// Changes a form without a page load: sends it as its button would, and takes over what is new in the answer.
let turn = Promise.resolve();
let held = Promise.resolve();
let changes = 0;
const typedBefore = new Map();
const TEXT = "input:not([type=radio], [type=checkbox], [type=hidden]), textarea, select";

// One after another: a row is added to the form that the choice before it has brought.
function inTurn(work) {
  turn = turn.then(work).catch(() => {});
}

// A button that is held down, by pointer or by Space, stays until its click has come.
function hold(...ends) {
  held = new Promise((released) => {
    ends.forEach((end) => addEventListener(end, () => setTimeout(released), { once: true }));
  });
}

document.addEventListener("pointerdown", () => hold("pointerup", "pointercancel"), true);
document.addEventListener("keydown", ({ key }) => key === " " && hold("keyup", "blur"), true);

document.addEventListener("change", ({ target }) => {
  if ("reshapes" in target.dataset) inTurn(() => reshape(target.form.id));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-rows]");
  if (!button || button.dataset.plain) return;
  event.preventDefault();
  const seen = changes;
  inTurn(() => (button.name === "add" || seen === changes) && change(button));
});

async function answered(form, name, value) {
  const body = new URLSearchParams(new FormData(form));
  body.set(name, value);
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (!answer || (!answer.ok && answer.status !== 422)) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// Adds or removes a row. Where that cannot be had quietly, the page is loaded, as without script.
async function change({ name, value, dataset: { rows: id } }) {
  const shown = document.getElementById(id);
  const rows = (await answered(shown.closest("form"), name, value))?.getElementById(id);
  if (!rows) {
    const button = shown.querySelector(`button[name="${name}"][value="${value}"]`);
    button.dataset.plain = "yes";
    button.click();
    return;
  }
  changes += 1;
  put(rows, shown);
  const last = [...rows.querySelectorAll(".row-form")].at(-1);
  (name === "add" && last ? last.querySelector(".input") : rows.querySelector("button[name=add]"))?.focus();
}

// Fetches the form with the fields of the choice just made. What is typed or opened meanwhile stays.
async function reshape(id) {
  const form = document.getElementById(id);
  const sent = new FormData(form);
  const shown = (await answered(form, "intent", "reshape"))?.getElementById(id);
  if (!shown) return;
  await held;
  sent.forEach((value, name) => value && typedBefore.set(name, value));
  bringBack(shown, form);
  const typed = [...new FormData(form)].filter(([name, value]) => sent.get(name) !== value);
  const { id: focused, selectionStart: from, selectionEnd: to } = document.activeElement ?? {};
  const open = new Set([...form.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent));
  for (const [name, value] of typed) {
    const control = shown.elements.namedItem(name);
    if (control) control.value = value;
  }
  shown.querySelectorAll("summary").forEach((summary) => open.has(summary.textContent) && (summary.parentElement.open = true));
  put(shown, form);
  const control = document.getElementById(focused);
  control?.focus({ preventScroll: true });
  if (Number.isInteger(from)) control?.setSelectionRange(from, to);
  if (typed.some(([name]) => "reshapes" in (shown.elements.namedItem(name)?.dataset ?? {}))) await reshape(id);
}

// What was typed into the fields of one choice is there again when that choice is made again.
function bringBack(shown, form) {
  for (const control of shown.elements) {
    const isNew = control.matches(TEXT) && !control.value && !form.elements.namedItem(control.name);
    if (isNew && typedBefore.has(control.name)) control.value = typedBefore.get(control.name);
  }
}

function put(fresh, old) {
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  fresh.dispatchEvent(new CustomEvent("desk:rows", { bubbles: true }));
  fresh.dispatchEvent(new Event("change", { bubbles: true }));
}

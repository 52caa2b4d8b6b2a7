// Searches the catalogue while one types: suggestions under the field, chosen by arrow keys or pointer, fetched anew as the text changes.
// Without script the browser's own list shows the first of them.
const DELAY = 200;
const box = Object.assign(document.createElement("ul"), { className: "picks", id: "picks" });
box.setAttribute("role", "listbox");
let waiting = 0;
let asked = 0;
let isPicking = false;

const listOf = ({ dataset }) => (dataset?.picks ? document.getElementById(dataset.picks) : null);
const isOpen = (control) => control.getAttribute("aria-expanded") === "true";
const active = () => box.querySelector("[aria-selected=true]");

document.addEventListener("focusin", ({ target }) => {
  if (!target.list?.dataset.suggestions) return;
  target.dataset.picks = target.list.id;
  target.removeAttribute("list");
  target.setAttribute("role", "combobox");
  target.setAttribute("aria-autocomplete", "list");
  target.setAttribute("aria-expanded", "false");
});

document.addEventListener("input", ({ target }) => {
  if (isPicking || !listOf(target)) return;
  clearTimeout(waiting);
  asked += 1;
  if (isOpen(target)) show(target);
  waiting = setTimeout(() => renew(target), DELAY);
});

document.addEventListener("click", ({ target }) => {
  if (listOf(target) && !isOpen(target)) renew(target);
});

document.addEventListener("focusout", ({ target }) => {
  if (!listOf(target)) return;
  clearTimeout(waiting);
  close(target);
  tell(target, "");
});

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!listOf(target) || event.isComposing || event.ctrlKey || event.metaKey) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step && !event.altKey) {
    if (isOpen(target)) move(target, step);
    else renew(target);
  } else if (isOpen(target) && (key === "Enter" || key === "Escape")) {
    if (key === "Enter" && active()) pick(target, active());
    else close(target);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// A field that is left after a choice has not changed again.
document.addEventListener("change", (event) => {
  const { isTrusted, target } = event;
  if (!isTrusted || !("picked" in target.dataset)) return;
  if (target.dataset.picked === target.value) event.stopPropagation();
  delete target.dataset.picked;
}, true);

// The focus stays in the field while the pointer chooses.
box.addEventListener("pointerdown", (event) => event.preventDefault());
box.addEventListener("mousedown", (event) => event.preventDefault());
box.addEventListener("click", ({ target }) => {
  const option = target.closest("[role=option]");
  if (option) pick(document.activeElement, option);
});

async function renew(control) {
  const list = listOf(control);
  const text = control.value.trim();
  const turn = (asked += 1);
  const answer = await fetch(`${list.dataset.suggestions}&q=${encodeURIComponent(text)}`).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn !== asked || document.activeElement !== control) return;
  list.replaceChildren(...found.querySelectorAll("option"));
  tell(control, found.querySelector("p").textContent);
  show(control);
}

function tell(control, text) {
  const said = document.getElementById(`${control.id}_found`);
  if (said) said.textContent = text;
}

// Until the answer has come, those of the last one that still fit are shown.
function show(control) {
  const text = control.value.trim().toLowerCase();
  const kept = active()?.dataset.value;
  const options = [...listOf(control).options].filter(({ value, label }) => `${value}\n${label}`.toLowerCase().includes(text));
  if (!options.length) return close(control);
  box.replaceChildren(...options.map(({ value, text: also }, number) => {
    const option = Object.assign(document.createElement("li"), { id: `pick-${number}`, textContent: value });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(value === kept));
    option.dataset.value = value;
    if (also) option.append(Object.assign(document.createElement("small"), { textContent: also }));
    return option;
  }));
  const wasOpen = isOpen(control);
  if (!wasOpen) open(control);
  const said = document.getElementById(`${control.id}_found`);
  const above = said?.textContent ? said : control;
  box.style.insetBlockStart = `${above.offsetTop + above.offsetHeight + 2}px`;
  if (!wasOpen) box.scrollIntoView({ block: "nearest" });
  point(control);
}

function open(control) {
  box.setAttribute("aria-label", control.labels[0]?.firstChild.textContent.trim() ?? "");
  control.closest(".field").append(box);
  control.setAttribute("aria-expanded", "true");
  control.setAttribute("aria-controls", box.id);
}

function close(control) {
  control.setAttribute("aria-expanded", "false");
  control.removeAttribute("aria-controls");
  control.removeAttribute("aria-activedescendant");
  box.remove();
  box.replaceChildren();
}

function move(control, step) {
  const options = [...box.children];
  const next = options[(options.indexOf(active()) + step + (step < 0 && !active() ? 1 : 0) + options.length) % options.length];
  active()?.setAttribute("aria-selected", "false");
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
  point(control);
}

function point(control) {
  if (active()) control.setAttribute("aria-activedescendant", active().id);
  else control.removeAttribute("aria-activedescendant");
}

// What was chosen counts as typed: the preview follows, and a choice that brings other fields brings them.
function pick(control, option) {
  clearTimeout(waiting);
  asked += 1;
  control.value = control.dataset.picked = option.dataset.value;
  close(control);
  tell(control, "");
  isPicking = true;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  isPicking = false;
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

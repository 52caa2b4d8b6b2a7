// Keeps what stands beside a field true while one types: characters counted, seconds in words, fields that depend on a choice.
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

function words(text) {
  let rest = /^[0-9]{1,7}$/.test(text) ? Number(text) : 0;
  if (rest < 60) return "";
  const parts = [];
  for (const [size, unit] of UNITS) {
    const count = Math.floor(rest / size);
    if (count) parts.push(`${count} ${unit}`);
    rest -= count * size;
  }
  return parts.join(" ");
}

function count(field) {
  const counter = document.getElementById(field.dataset.counter);
  if (!counter) return;
  const used = [...field.value].length;
  const most = Number(field.dataset.limit);
  counter.textContent = counter.textContent.replace(/^\D*[\d.,\s]*\d/, String(used));
  counter.toggleAttribute("data-idle", "quiet" in counter.dataset ? used * 2 < most : used === 0);
  counter.toggleAttribute("data-over", used > most);
}

function arrange(control) {
  const [name, value] = control.dataset.when.split("=");
  const prefix = control.name.slice(0, control.name.lastIndexOf("-") + 1);
  const chosen = new FormData(control.form).get(prefix + name);
  control.disabled = chosen !== value;
  control.closest(".field").toggleAttribute("data-resting", control.disabled);
}

function arrangeAll(root) {
  root.querySelectorAll("[data-when]").forEach(arrange);
}

// A browser sends nothing for half a date or number. This goes out instead, so that it is found wrong and not taken for left out.
document.addEventListener("formdata", ({ target, formData }) => {
  for (const { name, validity } of target.elements) {
    if (validity?.badInput && formData.has(name)) formData.set(name, "?");
  }
});

// Half a date is no change to the browser: whoever leaves one, or empties it again, has changed something all the same.
document.addEventListener("focusout", ({ target }) => {
  const isHalf = Boolean(target.validity?.badInput);
  if (isHalf === target.hasAttribute("data-half")) return;
  target.toggleAttribute("data-half", isHalf);
  target.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("input", ({ target }) => {
  if (target.dataset.counter) count(target);
  if (target.dataset.seconds) {
    const shown = document.getElementById(target.dataset.seconds);
    if (shown) shown.textContent = words(target.value.trim());
  }
});
document.addEventListener("change", ({ target }) => target.form && arrangeAll(target.form));
document.addEventListener("htmx:afterSwap", ({ target }) => arrangeAll(target));
document.addEventListener("desk:rows", ({ target }) => arrangeAll(target));
arrangeAll(document);

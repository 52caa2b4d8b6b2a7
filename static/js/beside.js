// Puts what the preview found out about an entry beside its field: a number as it will be sent, segments, a moment in both zones.
function place(said) {
  const control = document.getElementById(said.dataset.beside);
  const field = control?.closest(".field");
  if (!field) return;
  const id = `${control.id}_beside`;
  const note = document.getElementById(id) ?? Object.assign(document.createElement("span"), { className: "hint beside", id });
  note.replaceChildren(...said.querySelector("dd").cloneNode(true).childNodes);
  if (note.isConnected) return;
  (control.closest(".with-unit") ?? control).after(note);
  control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
}

function tell() {
  const found = [...document.querySelectorAll("#preview [data-beside]")];
  const live = new Set(found.map((said) => `${said.dataset.beside}_beside`));
  document.querySelectorAll("#compose .beside").forEach((note) => live.has(note.id) || note.remove());
  found.forEach(place);
}

document.addEventListener("htmx:afterSwap", ({ target }) => target.id === "preview" && tell());
tell();

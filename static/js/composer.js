// The composer: nobody leaves with unsent input by accident, nobody sends twice unnoticed, and what is wrong stands beside its field.
let entered = false;

document.addEventListener("input", ({ target }) => {
  if (target.form?.matches("[data-composer]")) entered = true;
});
document.addEventListener("submit", ({ target }) => {
  entered = false;
  if (target.matches("[data-composer]")) history.replaceState({ token: target.elements["desk-token"].value }, "");
});
addEventListener("beforeunload", (event) => entered && event.preventDefault());

// Who goes back to a form that was sent finds it under the token it was sent with, so that it does not go out twice unnoticed,
// and is told where the numbers are that the browser does not keep.
addEventListener("pageshow", () => {
  const form = document.querySelector("form[data-composer]");
  if (!form || !history.state?.token) return;
  form.elements["desk-token"].value = history.state.token;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "desk-sent", value: "yes" }));
  (form.querySelector("[data-reshapes]") ?? form).dispatchEvent(new Event("change", { bubbles: true }));
});

// The time of a schedule: its field is ready when it opens, one click chooses a time that people often choose.
document.addEventListener("toggle", ({ target }) => target.id === "later" && target.open && target.querySelector(".input").focus(), true);

document.addEventListener("click", ({ target }) => {
  const picked = target.closest("[data-pick]");
  if (picked) {
    const at = document.getElementById(picked.dataset.pick);
    at.value = picked.value;
    at.dispatchEvent(new Event("input", { bubbles: true }));
    at.dispatchEvent(new Event("change", { bubbles: true }));
  }
  document.querySelectorAll("details:is(.menu, .later)[open]").forEach((open) => open.contains(target) || (open.open = false));
});

document.addEventListener("keydown", ({ key, target }) => {
  const open = key === "Escape" && target.closest?.("details:is(.menu, .later)[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

document.addEventListener("input", ({ target }) => {
  if (!target.closest("#later")) return;
  target.removeAttribute("aria-invalid");
  target.closest(".field").querySelector(".error")?.remove();
});

// What the preview found wrong stands beside its field too, once that field is left; what was put right goes.
function place(fault) {
  const control = document.getElementById(fault.dataset.fault);
  const field = control?.closest(".field");
  if (!field || control.contains(document.activeElement)) return;
  const known = document.getElementById(`${control.id}_error`);
  const error = known ?? Object.assign(document.createElement("span"), { className: "error", id: `${control.id}_error` });
  error.textContent = fault.dataset.text;
  if (known) return;
  field.append(error);
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${error.id}`.trim());
}

function clear(error, wrong) {
  const id = error.id.replace(/_error$/, "");
  if (wrong.has(id)) return;
  const control = document.getElementById(id);
  control?.removeAttribute("aria-invalid");
  control?.setAttribute("aria-describedby", (control.getAttribute("aria-describedby") ?? "").replace(error.id, "").trim());
  error.remove();
}

document.addEventListener("htmx:oobAfterSwap", () => {
  const faults = [...document.querySelectorAll("#attention [data-fault]")];
  const wrong = new Set([...faults.map((fault) => fault.dataset.fault), ...[...document.querySelectorAll("#attention [data-gap]")].map((gap) => gap.dataset.gap)]);
  document.querySelectorAll("#compose .error[id]").forEach((error) => clear(error, wrong));
  if (!wrong.size) document.querySelector("#compose [data-errors]")?.remove();
  faults.forEach(place);
});

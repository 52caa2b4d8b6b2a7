// The composer: choosing a route fetches its fields, and nobody leaves with unsent input by accident.
let entered = false;

document.addEventListener("input", ({ target }) => {
  if (target.form?.matches("[data-composer]")) entered = true;
});
document.addEventListener("submit", () => (entered = false));
addEventListener("beforeunload", (event) => entered && event.preventDefault());

document.addEventListener("change", ({ target }) => {
  if (!("reshapes" in target.dataset)) return;
  const form = target.form;
  window.htmx.ajax("POST", form.action, { source: form, values: { intent: "reshape" }, target: "#sheet", select: "#compose", swap: "innerHTML" });
});

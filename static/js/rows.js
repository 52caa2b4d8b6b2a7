// Adds and removes rows without a page load: sends the form as its button would, and takes the rows out of the answer.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-rows]");
  if (!button || button.dataset.plain) return;
  event.preventDefault();
  const form = button.form;
  const id = button.dataset.rows;
  const adding = button.name === "add";
  const rows = await answered(form, button, id);
  if (!rows) {
    button.dataset.plain = "yes";
    button.click();
    return;
  }
  document.getElementById(id).replaceWith(rows);
  window.htmx?.process(rows);
  rows.dispatchEvent(new CustomEvent("desk:rows", { bubbles: true }));
  const last = [...rows.querySelectorAll(".row-form")].at(-1);
  (adding && last ? last.querySelector(".input") : rows.querySelector("button[name=add]"))?.focus();
  rows.dispatchEvent(new Event("change", { bubbles: true }));
});

async function answered(form, button, id) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)) });
    if (!answer.ok && answer.status !== 422) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = page.getElementById(id);
    return rows && document.importNode(rows, true);
  } catch {
    return null;
  }
}

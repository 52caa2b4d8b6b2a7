// Copies the text of the box that a button stands in, or of the element that it names, and says so for a moment.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("button[data-copy]");
  if (!button || "copied" in button.dataset) return;
  const source = button.dataset.copy ? document.getElementById(button.dataset.copy) : button.closest("[data-copy-box]").querySelector("[data-copyable]");
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const label = button.querySelector("span");
  const before = label.textContent;
  label.setAttribute("role", "status");
  label.textContent = button.dataset.done;
  button.dataset.copied = "";
  setTimeout(() => {
    label.textContent = before;
    label.removeAttribute("role");
    delete button.dataset.copied;
  }, 1500);
});

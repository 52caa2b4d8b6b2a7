// Copies the text of the box that a button stands in.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = button.dataset.copy ? document.getElementById(button.dataset.copy) : button.parentElement.querySelector("[data-copyable]");
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const label = button.querySelector("span");
  const before = label.textContent;
  label.textContent = "✓";
  label.setAttribute("role", "status");
  setTimeout(() => (label.textContent = before), 1500);
});

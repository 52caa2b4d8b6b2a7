// What the reader opened stays open, and the focus stays where it is, when a part of the page renews itself.
let kept = { open: [], focus: null };

const opened = () => [...document.querySelectorAll("details[id][open]")].map(({ id }) => id);
const words = (link) => `${link.getAttribute("href")} ${link.textContent}`;

document.addEventListener("htmx:beforeSwap", () => {
  const link = document.activeElement?.closest?.("a[href]");
  kept = { open: opened(), focus: link && !link.id ? words(link) : null };
});

document.addEventListener("htmx:afterSettle", () => {
  for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
  if (kept.focus && document.activeElement === document.body) {
    [...document.querySelectorAll("#main a[href]")].find((link) => words(link) === kept.focus)?.focus({ preventScroll: true });
  }
});

// Changes between light and dark at once; without this the form does it with a page load.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  const data = new FormData(form);
  data.set("theme", root.dataset.theme);
  await fetch(form.action, { method: "POST", body: data, redirect: "manual", keepalive: true });
});

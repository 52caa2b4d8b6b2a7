// Tells the style sheets that scripts run, brings errors into view, and says so when a session has ended.
document.documentElement.dataset.scripted = "";

document.querySelector("[data-errors]")?.focus();

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status !== 401 || document.getElementById("session-ended")) return;
  const answer = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
  const notice = answer.getElementById("session-ended");
  if (notice) document.getElementById("main")?.prepend(document.importNode(notice, true));
});

// A confirmation closes by Escape.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest?.("details.confirm[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

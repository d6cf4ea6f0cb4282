// Excerpts of what a search found are fetched, which a page that was opened as a file may not do.
DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";

// What readers of screens and those without a mouse need, and the theme leaves out.
document.addEventListener("DOMContentLoaded", () => {
  const set = (chosen, name, value) => document.querySelectorAll(chosen).forEach((one) => one.setAttribute(name, value));
  set("p.caption[role=heading]", "aria-level", 2);
  set(".sidebar-drawer", "aria-label", "all pages");
  set(".toc-drawer", "aria-label", "this page");
  set("pre, .table-wrapper", "tabindex", 0);
});

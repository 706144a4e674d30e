/* Small things that need a script; everything on these pages works without it, only less smoothly. */

// On a phone a list's rows stand upright, each cell with its label: that of the column's head, where the theme writes
// “Select record” before every first cell and a capital on every word.
addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("#result_list")) {
    const heads = [...table.querySelectorAll("thead th")];
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.children].forEach((cell, place) => {
        if (heads[place] && !heads[place].querySelector("input")) cell.dataset.label = (heads[place].querySelector(".text") || heads[place]).textContent.trim();
      });
    }
    table.classList.add("ops-labelled");
  }
});

// The whole cell ticks its row: the box alone is too small for a thumb.
addEventListener("click", ({ target }) => {
  if (target.matches?.("#result_list td:has(.action-select)")) target.querySelector(".action-select").click();
});

// A key or a line for the shell goes to the clipboard; without the right to use that, it is at least marked.
addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy);
  getSelection().selectAllChildren(text);
  try {
    await navigator.clipboard.writeText(text.textContent);
  } catch {
    document.execCommand("copy");
  }
  button.querySelector(".ops-copy-word").textContent = button.dataset.copied;
});

// Where a page has keys (data-keys): one letter does what its button does, unless somebody writes or has put them away.
const KEYS_OFF = "ops-keys-off";
addEventListener("keydown", (event) => {
  if (!document.querySelector("[data-keys]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
  if (localStorage.getItem(KEYS_OFF) && event.key !== "?") return;
  const key = CSS.escape(event.key.toLowerCase());
  const field = document.querySelector(`[data-key-focus="${key}"]`);
  const button = document.querySelector(`[data-key="${key}"]`);
  if (!field && !button) return;
  event.preventDefault();
  if (field) field.focus();
  else if (!event.repeat) button.click();
});
addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("[data-keys-switch]");
  if (!box) return;
  box.checked = !localStorage.getItem(KEYS_OFF);
  box.addEventListener("change", () => box.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "1"));
});

// Whoever enters a value of their own has chosen it.
addEventListener("input", ({ target }) => {
  const choice = target.closest?.(".ops-other")?.querySelector("[type=radio]");
  if (choice && target !== choice) choice.checked = true;
});

// Ctrl+K finds from everywhere, from within a field too; "/" goes to the list's own search, or to the same one.
addEventListener("keydown", (event) => {
  const writes = event.target.closest?.("input, textarea, select, [contenteditable]");
  const whole = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && writes;
  const slash = event.key === "/" && !writes && !document.getElementById("searchbar");
  if (!whole && !slash) return;
  event.preventDefault();
  dispatchEvent(new CustomEvent("opencommand"));
});

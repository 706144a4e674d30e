/* Small things that need a script; everything on these pages works without it, only less smoothly. */

// What scrolls bears a name, which the theme's library gives in English unless it is told one before it begins.
document.addEventListener("DOMContentLoaded", () => {
  const page = document.getElementById("page");
  if (page && window.SimpleBar) SimpleBar.defaultOptions.ariaLabel = page.dataset.scrolls;
});

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

// A part that is asked for after a logout is answered with the login: the whole page goes there, the part alone would
// show it in its middle. Where no answer comes, or a fault, the part says so instead of loading for ever.
addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  if (!xhr.responseURL || new URL(xhr.responseURL).pathname === new URL(pathInfo.requestPath, location).pathname) return;
  event.detail.shouldSwap = false;
  location.reload();
});
for (const trouble of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  addEventListener(trouble, ({ detail: { target } }) => {
    if (target.querySelector(".ops-no-answer")) return;
    target.querySelectorAll(".ops-loading").forEach((part) => part.remove());
    target.prepend(document.getElementById("no-answer").content.cloneNode(true));
  });
}

// A form is sent once: the answer to a second click would take the place of the first, and a new key is shown once only.
const SENT_FOR = 10000;
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (Date.now() - Number(form.dataset.sent || 0) < SENT_FOR) event.preventDefault();
  else form.dataset.sent = Date.now();
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

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

// The sheet of a month goes to a printer, or into a PDF, by the browser's own dialog.
addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-print]")) print();
});

// The landing page moves: its parts are asked for every few seconds, and those that have changed are put in place. A
// hidden tab asks for nothing; it looks at once when somebody comes back. What has the focus keeps it.
addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector("[data-live]");
  if (!page) return;
  const every = Number(page.dataset.every) * 1000;
  const stamp = page.querySelector("[data-live-stamp]");
  const parts = new Map([...page.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  const known = new Map([...parts].map(([name, part]) => [name, part.innerHTML]));
  const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  let seen = clock();
  let mark = "";
  let failures = 0;
  let timer = 0;

  const say = (words, stale) => {
    stamp.textContent = words.replace("{time}", seen);
    stamp.classList.toggle("ops-stale", stale);
  };
  const put = (name, fresh) => {
    const part = parts.get(name);
    if (!part || known.get(name) === fresh) return;
    known.set(name, fresh);
    const held = part.contains(document.activeElement) ? document.activeElement : null;
    const place = held && (held.getAttribute("formaction") || held.getAttribute("href"));
    part.innerHTML = fresh;
    htmx.process(part);
    if (place) [...part.querySelectorAll("a, button")].find((one) => [one.getAttribute("formaction"), one.getAttribute("href")].includes(place))?.focus({ preventScroll: true });
  };
  const look = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const answer = await fetch(page.dataset.live, { cache: "no-store", redirect: "manual", headers: mark ? { "If-None-Match": mark } : {} });
      if (answer.type === "opaqueredirect" || answer.status === 403) return location.reload();
      if (answer.status === 200) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of fresh.querySelectorAll("[data-part]")) put(part.dataset.part, part.innerHTML);
        mark = answer.headers.get("ETag");
      } else if (answer.status !== 304) throw new Error(answer.status);
      seen = clock();
      failures = 0;
      say(stamp.dataset.fresh, false);
    } catch {
      failures += 1;
      say(stamp.dataset.stale, true);
    }
    timer = setTimeout(look, every * Math.min(6, 1 + failures));
  };
  say(stamp.dataset.fresh, false);
  timer = setTimeout(look, every);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) look();
  });
});

/* Small things that need a script; everything on these pages works without it, only less smoothly. */

// What scrolls bears a name, which the theme's library gives in English unless it is told one before it begins.
document.addEventListener("DOMContentLoaded", () => {
  const page = document.getElementById("page");
  if (page && window.SimpleBar) SimpleBar.defaultOptions.ariaLabel = page.dataset.scrolls;
});

// On a phone a list's rows stand upright, each cell with its label: that of the column's head, where the theme writes
// “Select record” before every first cell and a capital on every word. A row's box is called by its row.
addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("#result_list")) {
    const heads = [...table.querySelectorAll("thead th")];
    for (const row of table.querySelectorAll("tbody tr")) {
      const box = row.querySelector(".action-select");
      if (box) box.ariaLabel = `${box.ariaLabel || box.title || heads[0].innerText.trim()} ${row.children[1].innerText.replace(/\s+/g, " ")}`;
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

// Rows that are ticked: how many is told, and Enter leads from a box to what can be done with them, which shows below and
// is told with the first. In a form it would send it, with nothing chosen.
addEventListener("DOMContentLoaded", () => document.querySelector(".action-counter")?.setAttribute("data-say", "ticked"));
addEventListener("change", ({ target }) => {
  if (!target.matches?.(".action-select, #action-toggle")) return;
  dispatchEvent(new Event("ops:renewed"));
  document.querySelector(".ops-chosen-key")?.removeAttribute("data-say");
});
addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.(".action-select, #action-toggle")) return;
  event.preventDefault();
  document.querySelector("#changelist-actions select[name=action]")?.focus();
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
    dispatchEvent(new Event("ops:renewed"));
  });
}

// A page that came as the answer to what one of its buttons sends stands under its own address: reloaded, it comes again.
addEventListener("DOMContentLoaded", () => {
  const own = document.querySelector("[data-address]");
  if (own) history.replaceState(null, "", own.dataset.address);
});

// What was refused is where one goes on: in the field that has to be put right, or, where it is none, at the reason.
addEventListener("DOMContentLoaded", () => {
  const fault = document.getElementById("fault");
  if (!fault) return;
  const field = fault.dataset.field && document.querySelector(`#content [name="${fault.dataset.field}"]`);
  if (field) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", ["fault", field.getAttribute("aria-describedby")].filter(Boolean).join(" "));
  }
  (field || fault).focus();
});

// What somebody who listens hears: [data-say] marks the words, which are told once they are other ones than before, in a
// place that stands from the beginning; what comes together with its own live region is passed over by many readers, and
// said anew each time by others. What came of what somebody has just done ("result") is told with the page.
let told = new Map();
const wordsOf = (element) => {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("[aria-hidden=true]").forEach((one) => one.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
};
const toTell = () => {
  const now = new Map();
  for (const one of document.querySelectorAll("[data-say]")) {
    now.set(one.dataset.say, `${now.get(one.dataset.say) || ""} ${wordsOf(one)}`.trim());
  }
  return now;
};
const tell = (place) => {
  const now = toTell();
  for (const [name, words] of now) {
    if (!words || words === told.get(name)) continue;
    const line = document.createElement("p");
    line.textContent = words;
    place.append(line);
    setTimeout(() => line.remove(), 10000);
  }
  told = now;
};
addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("said");
  if (!place) return;
  told = toTell();
  told.delete("result");
  setTimeout(() => tell(place), 500);
  addEventListener("htmx:afterSettle", () => tell(place));
  addEventListener("ops:renewed", () => tell(place));
});

// What has the focus keeps it when its part is put in place anew: the same thing, by where it leads and what it is called,
// or the part itself, so that nobody starts again at the top of the page.
const sign = (one) => one.id || ["formaction", "href", "hx-get"].map((name) => one.getAttribute(name)).find(Boolean) || one.textContent.trim();
const heldIn = (part) => part.contains(document.activeElement) ? sign(document.activeElement) : "";
const hold = (held, instead) => {
  if (!held || document.activeElement !== document.body) return;
  const same = [...document.querySelectorAll("#content :is(a, button, summary, input, select, textarea)")].find((one) => sign(one) === held);
  if (!same) instead.tabIndex = -1;
  (same || instead).focus({ preventScroll: Boolean(same) });
};
let held = "";
addEventListener("htmx:beforeSwap", ({ detail: { target } }) => held = heldIn(target));
addEventListener("htmx:afterSwap", ({ target }) => {
  hold(held, target);
  held = "";
});

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
    const held = heldIn(part);
    part.innerHTML = fresh;
    htmx.process(part);
    hold(held, document.getElementById("content"));
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
        dispatchEvent(new Event("ops:renewed"));
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

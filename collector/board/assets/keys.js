// Keys: / search, j k move, Enter open, a take, h home, w wall, ? help.
const rows = () => [...document.querySelectorAll("table.alarms tbody tr")];

function move(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((r) => r.contains(document.activeElement));
  all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)].focus();
}

const row = () => document.activeElement?.closest?.("table.alarms tr[id]");

const does = {
  "/": () => document.getElementById("q")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  a: () => row()?.querySelector("button.take")?.click(),
  h: () => { location.href = "/"; },
  w: () => { location.href = "/wall"; },
  "?": () => document.getElementById("keys")?.showModal(),
};

export function keys() {
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.matches("input, textarea, select")) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    if (e.key === "Enter" && e.target.matches("tr[data-href]")) { location.href = e.target.dataset.href; return; }
    const act = does[e.key];
    if (!act || document.querySelector("dialog[open]")) return;
    e.preventDefault();
    act();
  });
}

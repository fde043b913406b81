// Times since an instant, counted by the server's clock.
const skew = Number(document.body.dataset.now) * 1000 - Date.now();

const units = document.body.dataset.units.split(" ");

// span writes seconds as the server does: in the two greatest units.
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  for (const [i, size, next] of [[0, 86400, 3600], [1, 3600, 60], [2, 60, 1]]) {
    if (s >= size) return `${Math.floor(s / size)}\u00a0${units[i]}\u00a0${Math.floor((s % size) / next)}\u00a0${units[i + 1]}`;
  }
  return `${s}\u00a0${units[3]}`;
}

export function tick() {
  const now = (Date.now() + skew) / 1000;
  for (const t of document.querySelectorAll("time[data-since]")) t.textContent = span(now - Number(t.dataset.since));
}

export function clocks() {
  tick();
  setInterval(tick, 1000);
}

// Times since an instant, counted by the server's clock.
const skew = Number(document.body.dataset.now) * 1000 - Date.now();

const two = (n) => String(n).padStart(2, "0");

export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
  if (d > 0) return `${d}\u00a0${document.documentElement.lang === "en" ? "d" : "ngày"}\u00a0${h}:${two(m)}`;
  if (h > 0) return `${h}:${two(m)}:${two(s % 60)}`;
  return `${m}:${two(s % 60)}`;
}

export function tick() {
  const now = (Date.now() + skew) / 1000;
  for (const t of document.querySelectorAll("time[data-since]")) t.textContent = span(now - Number(t.dataset.since));
}

export function clocks() {
  tick();
  setInterval(tick, 1000);
}

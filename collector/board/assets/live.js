// On news the page fetches itself and takes over the sections that changed. A section in which somebody
// types waits until they are done.
import { tick } from "./clocks.js";

const least = 500; // ms between two fetches
let last = 0, waiting = false, busy = false;

export function follow(url) {
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : join(url)));
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
  document.addEventListener("submit", act);
  document.addEventListener("animationend", (e) => e.target.classList.remove("fresh-row"));
  if (!document.hidden) join(url);
  title();
}

// join opens the stream. Without TLS a browser has six connections to a site for all its tabs, so only
// pages that somebody looks at hold one.
let events = null;
function join(url) {
  leave();
  events = new EventSource(url);
  events.addEventListener("hello", () => { state("live"); if (last) soon(); last = last || 1; });
  events.addEventListener("news", soon);
  events.onerror = () => {
    state("off");
    if (events?.readyState === EventSource.CLOSED) setTimeout(() => { if (!document.hidden) { soon(); join(url); } }, 2000);
  };
}

function leave() {
  events?.close();
  events = null;
}

function state(name) {
  document.body.classList.toggle("live", name === "live");
  document.body.classList.toggle("off", name === "off");
}

function soon() {
  if (busy || document.hidden) { waiting = true; return; }
  busy = true;
  waiting = false;
  setTimeout(take, Math.max(0, last + least - Date.now()));
}

async function take() {
  last = Date.now();
  try {
    const answer = await fetch(location.href);
    if (answer.redirected && answer.ok && new URL(answer.url).pathname === "/login") { location.reload(); return; }
    if (answer.ok && document.body.classList.contains("page-error")) { location.reload(); return; }
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch { /* the stream tells that the collector is away */ }
  busy = false;
  if (waiting) soon();
}

function show(page) {
  for (const now of document.querySelectorAll("[data-live]")) {
    const next = page.getElementById(now.id);
    if (next && typing(now)) waiting = true;
    else if (next) swap(now, next);
  }
  tick();
  title();
}

const typing = (section) => section.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");

function swap(now, next) {
  for (const t of [...now.querySelectorAll("time[data-since]"), ...next.querySelectorAll("time[data-since]")]) t.textContent = "";
  if (now.outerHTML === next.outerHTML) return;
  const known = new Set([...now.querySelectorAll("tr[id]")].map((r) => r.id));
  const held = now.contains(document.activeElement) ? path(document.activeElement, now) : null;
  const open = [...now.querySelectorAll("details")].map((d) => d.open);
  now.className = next.className;
  for (const a of next.attributes) if (a.name.startsWith("data-")) now.setAttribute(a.name, a.value);
  now.replaceChildren(...next.childNodes);
  now.querySelectorAll("details").forEach((d, i) => { d.open = open[i] ?? d.open; });
  if (known.size || now.id === "alarms") for (const r of now.querySelectorAll("tr[id]")) if (!known.has(r.id)) r.classList.add("fresh-row");
  if (held) find(held, now)?.focus({ preventScroll: true });
}

// path names what has the focus, so that it can be found in the section's new content.
function path(e, section) {
  const row = e.closest("tr[id]");
  const inside = row && section.contains(row) ? row : section;
  return { row: inside === row ? row.id : "", tag: e.tagName, href: e.getAttribute("href"), self: e === row, at: [...inside.querySelectorAll(e.tagName)].indexOf(e) };
}

function find(p, section) {
  const inside = p.row ? document.getElementById(p.row) : section;
  if (!inside || p.self) return inside;
  return (p.href && inside.querySelector(`${p.tag}[href="${CSS.escape(p.href)}"]`)) || inside.querySelectorAll(p.tag)[p.at] || inside;
}

// title puts the number of alarms that nobody has into the tab, and says it to those who listen.
let said = "";
function title() {
  const v = document.getElementById("verdict");
  if (!v) return;
  const n = Number(v.dataset.unowned);
  document.title = (n ? `(${n}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  if (said && said !== v.dataset.say) document.getElementById("said").textContent = v.dataset.say;
  said = v.dataset.say;
}

// act sends a form of a list without leaving the page.
async function act(e) {
  const form = e.target;
  if (!form.closest("table.alarms")) return;
  e.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.ok) { soon(); return; }
  } catch { /* below */ }
  form.submit(); // shows why not
}

// The page for places without signal: shows what check.js says, loads and keeps the snapshot.
import { cards } from "./cards.js";
import * as check from "./check.js";
import { formats } from "./formats.js";
import { keep } from "./keeping.js";
import * as store from "./store.js";

const root = document.querySelector("#offline");
const lang = root.dataset.lang;
const LANGUAGES = ["vi", "en", "zh"];
const SNAPSHOT = "/api/scan/v1/snapshot";
// Online the page looks for a newer snapshot this often.
const LOOK_MILLISECONDS = 10 * 60_000;
const state = { snapshot: null, file: null, seen: 0, shown: null, busy: 0, renew: async () => {} };

const { number, moment, since } = formats(root.dataset.locale);
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const word = (key, values = {}) => {
  const told = root.querySelector(`template[data-word="${key}"]`)?.content.textContent.trim() ?? "";
  return told.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
};
const inLanguage = (texts) => texts[LANGUAGES.indexOf(lang)] || texts[0];
// Names and authorities are in Vietnamese on every page.
const vietnamese = (one) => {
  if (lang !== "vi") one.lang = "vi";
  return one;
};
const made = (tag, text = "", className = "") => {
  const one = document.createElement(tag);
  one.textContent = text;
  if (className) one.className = className;
  return one;
};

const entry = cards(root, { word, inLanguage, vietnamese, made });

// ---- time --------------------------------------------------------------------------------------

async function noteTime(latest) {
  state.seen = latest;
  await store.put("seen", latest);
}

/** How far the snapshot is to be trusted now; what the clock shows is remembered. */
async function howOld() {
  const found = check.age(state.snapshot.head, Date.now(), state.seen);
  if (found !== "clock" && Date.now() > state.seen) await noteTime(Date.now());
  return found;
}

// ---- the snapshot ------------------------------------------------------------------------------

async function take(bytes) {
  const fresh = await check.opened(bytes, root.dataset.key);
  // Also where the one that had the highest number is gone, or another tab has taken it.
  const highest = (await store.get("number")) ?? 0;
  if (fresh.head.number < highest) return "older";
  await store.put("number", fresh.head.number);
  await store.put("snapshot", bytes);
  Object.assign(state, { snapshot: fresh, file: bytes });
  return "taken";
}

async function load() {
  part("load").disabled = true;
  tell("loading");
  try {
    const answer = await fetch(SNAPSHOT, { cache: "no-cache", credentials: "omit" });
    // A busy server, or none behind the proxy, says 503 too.
    const said = answer.status === 503 ? await answer.json().catch(() => null) : null;
    if (said?.code === "no_snapshot_yet") return await came("none_yet");
    if (!answer.ok) throw new Error(String(answer.status));
    const took = await take(new Uint8Array(await answer.arrayBuffer()));
    // What the server's clock says ends what a wrong clock of this telephone has left behind.
    const told = Date.parse(answer.headers.get("date") ?? "");
    const as_of = state.snapshot ? Date.parse(state.snapshot.head.as_of) : 0;
    await noteTime(Math.max(told || 0, as_of));
    await came(took);
  } catch (error) {
    await came(error instanceof check.NotASnapshot ? "refused_loaded" : "unreachable");
  }
}

/** What came of loading. */
async function came(key) {
  tell(key);
  part("load").disabled = false;
  await show();
}

async function takeFile(event) {
  const [file] = event.target.files;
  if (!file) return;
  try {
    tell(await take(new Uint8Array(await file.arrayBuffer())));
  } catch {
    tell("refused");
  }
  event.target.value = "";
  await show();
}

/** Hands on what is here, where no signal is; without data the link asks the server. */
function save(event) {
  if (!state.file) return;
  event.preventDefault();
  const link = made("a");
  link.href = URL.createObjectURL(new Blob([state.file], { type: "application/octet-stream" }));
  link.download = part("save").download;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function remembered() {
  state.seen = (await store.get("seen")) ?? 0;
  const bytes = await store.get("snapshot");
  if (!bytes) return;
  try {
    const snapshot = await check.opened(bytes, root.dataset.key);
    Object.assign(state, { snapshot, file: bytes });
  } catch {
    tell("refused_kept");
  }
}

// Why there are no data, or no new ones, is said above too: nobody looks for it below the answer.
const FAILED = ["refused_loaded", "refused_kept", "none_yet"];

function tell(key) {
  const at = state.snapshot && moment.format(Date.parse(state.snapshot.head.as_of));
  part("told").textContent = word(key, { moment: at });
  part("why").textContent = FAILED.includes(key) ? word(key) : "";
}

async function show() {
  const names = ["fresh", "old", "clock", "nothing"];
  const now = state.snapshot ? await howOld() : "nothing";
  for (const name of names) part(`is-${name}`).hidden = name !== now;
  part("age").hidden = !state.snapshot;
  root.dataset.holds = state.snapshot ? "something" : "nothing";
  if (state.snapshot) {
    const { head } = state.snapshot;
    const at = Date.parse(head.as_of);
    part("age").textContent = word("as_of", { moment: moment.format(at), since: since(at) });
    const listed = head.lots.length + head.products.length + head.facilities.length;
    part("holds").textContent = word("holds", {
      listed: number.format(listed),
      codes: number.format(head.filter.codes),
    });
    part("missing").replaceChildren(...missing(head));
  }
  if (state.shown) await answer(state.shown);
}

function missing(head) {
  if (!head.incomplete.length) return [];
  const list = made("ul");
  // Said in the data themselves: newer data may leave out what this page has no word for.
  for (const one of head.incomplete) {
    list.append(made("li", one.said ? inLanguage(one.said) : word("left_unsaid")));
  }
  return [made("p", word("incomplete")), list];
}

// ---- answers -----------------------------------------------------------------------------------

/** What was said of something else must not be read as an answer on this. */
function forget(...names) {
  if (names.includes("answer")) state.shown = null;
  for (const name of names) part(name).replaceChildren();
}

async function answer(text) {
  state.shown = text;
  const out = part("answer");
  if (!state.snapshot) {
    out.replaceChildren(stated("no_data"));
    return;
  }
  const { head } = state.snapshot;
  const what = check.read(text, head.hosts);
  const found = await check.judged(state.snapshot, what, await howOld());
  const shown = stated(found.state);
  const at = Date.parse(head.as_of);
  for (const [name, told] of Object.entries({
    code: what.code ? what.code.match(/.{5}/g).join("-") : "",
    host: what.host ?? "",
    moment: moment.format(at),
    since: since(at),
    shown: found.rows.length,
    count: found.total ?? found.rows.length,
  })) {
    for (const hole of shown.querySelectorAll(`[data-fill="${name}"]`)) hole.textContent = told;
  }
  for (const link of shown.querySelectorAll("[data-online]")) {
    link.hidden = !what.code;
    if (what.code) link.href = `/${what.code}`;
  }
  for (const note of shown.querySelectorAll("[data-incomplete]")) {
    note.replaceChildren(...missing(head));
  }
  for (const note of shown.querySelectorAll("[data-more]")) {
    note.hidden = !(found.total > found.rows.length);
  }
  // What it may be is not marked as what it is.
  const isIt = found.state !== "check_label";
  out.replaceChildren(shown, ...found.rows.map((one) => entry(head, one, isIt)));
}

function stated(name) {
  return root.querySelector(`template[data-state="${name}"]`).content.cloneNode(true)
    .firstElementChild;
}

async function search(text) {
  const out = part("found");
  if (!state.snapshot) {
    out.replaceChildren(stated("no_data"));
    return;
  }
  const { head } = state.snapshot;
  const { rows, total } = check.sought(head, text);
  const none = (await howOld()) === "fresh" ? "found_none" : "found_none_old";
  const said = word(total ? "found" : none, { count: total, shown: rows.length });
  const rest = total ? [] : missing(head);
  out.replaceChildren(made("p", said), ...rest, ...rows.map((one) => entry(head, one)));
}

// ---- begin -------------------------------------------------------------------------------------

export async function begin(camera) {
  part("needs").hidden = true;
  part("works").hidden = false;
  part("code-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    forget("found");
    await answer(part("code").value);
    part("answer").focus();
  });
  part("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    search(part("words").value);
  });
  part("code").addEventListener("input", () => forget("answer"));
  part("words").addEventListener("input", () => forget("found"));
  part("camera").addEventListener("click", () => forget("answer", "found"));
  part("load").addEventListener("click", () => busy(load));
  part("file").addEventListener("change", (event) => busy(() => takeFile(event)));
  part("save").addEventListener("click", save);
  camera?.begin(part, word, async (text) => {
    part("code").value = text.slice(0, 300);
    await answer(text);
    part("answer").focus();
  });
  await remembered();
  await show();
  const stale = () =>
    !state.snapshot || Date.now() - Date.parse(state.snapshot.head.as_of) > LOOK_MILLISECONDS;
  const look = () => {
    if (!navigator.onLine || !stale()) return show();
    state.renew();
    return busy(load);
  };
  window.addEventListener("online", look);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  window.setInterval(() => document.hidden || look(), 60_000);
  await look();
}

/** Does what must not be broken off by opening the page anew. */
async function busy(work) {
  state.busy += 1;
  try {
    await work();
  } finally {
    state.busy -= 1;
  }
}

// Nobody reads an answer, types or films, and no data come.
const isIdle = () =>
  !state.busy && state.shown === null && !part("code").value && !part("words").value && part("view").hidden;

if (crypto.subtle && window.indexedDB) {
  const camera = await import("./camera.js").catch(() => null);
  begin(camera);
  state.renew = await keep(root, part, isIdle);
}

// What a telephone can say of a stamp by itself: pure functions, no page and no network in here.
// The form of a snapshot and of its filter: services/scan/domain/offline.py and code_filter.py.
import { verifyAsync } from "./vendor/noble-ed25519.js";

const MAGIC = "TXNGOFF1";
const SIGNATURE = 64;
const HASHES = 10;
const VERSION = 1;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const READ_AS = { O: "0", I: "1", L: "1" };
const MOST_TYPED = 64;
// Clocks of telephones differ by so much without anything being wrong.
const CLOCK_MINUTES = 10;
const MOST_FOUND = 50;

export class NotASnapshot extends Error {}

// ---- the file ------------------------------------------------------------------------------

const ascii = (text) => new TextEncoder().encode(text);

function fromBase64url(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** The head and the filter of a file that this key has signed; NotASnapshot for all else. */
export async function opened(bytes, key) {
  const start = MAGIC.length + SIGNATURE;
  const magic = ascii(MAGIC);
  if (bytes.length < start + 4 || magic.some((byte, n) => bytes[n] !== byte)) {
    throw new NotASnapshot("form");
  }
  const content = new Uint8Array(bytes.length - SIGNATURE);
  content.set(magic);
  content.set(bytes.subarray(start), magic.length);
  const signature = bytes.subarray(magic.length, start);
  const options = { zip215: false };
  const genuine = await verifyAsync(signature, content, fromBase64url(key), options).catch(
    () => false,
  );
  if (!genuine) throw new NotASnapshot("signature");
  const length = new DataView(bytes.buffer, bytes.byteOffset + start, 4).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(start + 4, start + 4 + length)));
  const filter = bytes.subarray(start + 4 + length);
  if (head.v !== VERSION || head.filter.bits !== 8 * filter.length) throw new NotASnapshot("form");
  return { head, filter };
}

/** Whether the filter has this code: never false for one that was put in. */
export async function hits(snapshot, code) {
  const digest = await crypto.subtle.digest("SHA-256", ascii(`TXNG-offline-1${code}`));
  const hash = new DataView(digest);
  const first = hash.getUint32(0);
  const step = (hash.getUint32(4) | 1) >>> 0;
  const size = snapshot.head.filter.bits;
  for (let i = 0; i < HASHES; i += 1) {
    const bit = (first + i * step) % size;
    if (!((snapshot.filter[bit >>> 3] >>> (bit & 7)) & 1)) return false;
  }
  return true;
}

// ---- what was read or typed -------------------------------------------------------------------

/** The canonical spelling of what may be a code, or "". */
export function canonical(text) {
  const typed = text.normalize("NFKC");
  if (typed.length > MOST_TYPED) return "";
  const letters = [...typed.replace(/[ -]/g, "").toUpperCase()].map((one) => READ_AS[one] ?? one);
  return letters.length === 20 && letters.every((one) => ALPHABET.includes(one))
    ? letters.join("")
    : "";
}

const NOTHING = { kind: "none" };

/**
 * What a symbol or a person says: {kind: "code", code, gtin, lot}, {kind: "label", gtin, lot, gln},
 * {kind: "foreign", host} for an address that is not ours, {kind: "none"}.
 */
export function read(text, hosts) {
  const typed = text.trim();
  const code = canonical(typed);
  if (code) return { kind: "code", code, gtin: "", lot: "" };
  if (!/^https?:\/\//i.test(typed)) return NOTHING;
  let url;
  try {
    url = new URL(typed);
  } catch {
    return NOTHING;
  }
  if (!hosts.includes(url.host.toLowerCase())) return { kind: "foreign", host: url.host };
  return ofPath(url.pathname);
}

function ofPath(path) {
  let parts;
  try {
    parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return NOTHING;
  }
  const last = canonical(parts.at(-1) ?? "");
  if (parts.length === 1) return last ? { kind: "code", code: last, gtin: "", lot: "" } : NOTHING;
  const fields = {};
  for (let n = 0; n + 1 < parts.length; n += 2) fields[parts[n]] = parts[n + 1];
  const gtin = fields["01"] ?? "";
  const lot = fields["10"] ?? "";
  const code = canonical(fields["21"] ?? "");
  if (code && gtin) return { kind: "code", code, gtin, lot };
  const gln = fields["414"] ?? fields["417"] ?? "";
  return gtin || gln ? { kind: "label", gtin, lot, gln } : NOTHING;
}

// ---- what the list says -----------------------------------------------------------------------

const sameGtin = (one, other) => one !== "" && one.padStart(14, "0") === other.padStart(14, "0");
const row = (what, one) => ({ what, ...one });

/** What stands against goods with these words in the address of their symbol, the lot with it.
 * A product without a ground is listed for the codes of a batch alone: nothing stands against it. */
export function named(head, { gtin = "", lot = "", gln = "" }) {
  return [
    ...head.facilities.filter((one) => gln !== "" && one.gln === gln).map((one) => row("facility", one)),
    ...head.products
      .filter((one) => gtin && one.why?.length && sameGtin(one.gtin ?? "", gtin))
      .map((one) => row("product", one)),
    ...head.lots
      .filter((one) => gtin && lot && one.code === lot && sameGtin(one.gtin ?? "", gtin))
      .map((one) => row("lot", one)),
  ];
}

/** Letters without marks and case, as people type in a hurry: "Đông" is found by "dong". */
export function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
}

/** What of the list has all of these words, the first of it; and how many there are. */
export function sought(head, text) {
  const words = plain(text).split(/\s+/).filter(Boolean);
  if (!words.length) return { rows: [], total: 0 };
  const all = [
    ...head.facilities.map((one) => row("facility", one)),
    ...head.products.map((one) => row("product", one)),
    ...head.lots.map((one) => row("lot", one)),
  ];
  const found = all.filter((one) => {
    const told = plain(
      [one.name, one.name_en, one.code, one.gtin, one.gln, one.product, one.product_en, one.facility]
        .filter(Boolean)
        .join(" "),
    );
    return words.every((word) => told.includes(word));
  });
  return { rows: found.slice(0, MOST_FOUND), total: found.length };
}

/**
 * Goods whose stamps' codes are too many for the filter, as far as what was read may be one of them:
 * of these a code that the filter does not have tells nothing. The lots of a product that is among
 * them are told of by the product.
 */
export function uncarried(head, { gtin = "", lot = "" }) {
  const other = (one) =>
    gtin && ((one.gtin && !sameGtin(one.gtin, gtin)) || (one.what === "lot" && lot && one.code !== lot));
  const left = (what, list) =>
    list.filter((one) => one.codes === false).map((one) => row(what, one)).filter((one) => !other(one));
  const products = left("product", head.products);
  const told = new Set(products.map((one) => sameGoods(one.name, one)));
  return [
    ...left("facility", head.facilities),
    ...products,
    ...left("lot", head.lots).filter((one) => !told.has(sameGoods(one.product, one))),
  ];
}

// Of the same name and number, and of the same producer: others may give their goods that name.
const sameGoods = (name, one) => JSON.stringify([name ?? "", one.gtin ?? "", one.facility ?? ""]);

// Online these make a stamp recalled or withdrawn; all else but a warning suspends it.
const GRAVE = ["recall", "withdrawal", "product_withdrawn", "lot_withdrawn"];
const kinds = (head, one) => (one.why ?? []).map((place) => head.grounds[place].kind);

/** Whether it is recalled or withdrawn. */
export function isBad(head, one) {
  return kinds(head, one).some((kind) => GRAVE.includes(kind));
}

/** Whether something stands against it for now: a stop, a hold, an examination. */
export function isHeld(head, one) {
  return kinds(head, one).some((kind) => kind !== "warning" && !GRAVE.includes(kind));
}

// ---- how old it is ----------------------------------------------------------------------------

/**
 * `fresh`, `old` or `clock`: that the telephone's clock cannot be right, for it shows less than the
 * snapshot, or than it showed before. Times are milliseconds since 1970; `seen` is the latest known.
 */
export function age(head, now, seen) {
  const made = Date.parse(head.as_of);
  const early = CLOCK_MINUTES * 60_000;
  if (now + early < made || now + early < seen) return "clock";
  return now - made > head.valid_hours * 3_600_000 ? "old" : "fresh";
}

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * The answer on what was read: {state, rows}, for check_label {state, rows, total} with the first of
 * all that there are. States: known_bad, held, warned, check_online, check_label, not_known_bad,
 * too_old, foreign, none. There is none that says a stamp is genuine.
 */
export async function judged(snapshot, what, howOld) {
  if (what.kind === "none" || what.kind === "foreign") return { state: what.kind, rows: [] };
  const rows = named(snapshot.head, what);
  // What is bad stays bad, however old it is: later it can only have become better.
  if (rows.some((one) => isBad(snapshot.head, one))) return { state: "known_bad", rows };
  // Before the filter, which has the codes of all such goods and tells less of them.
  if (rows.some((one) => isHeld(snapshot.head, one))) return { state: "held", rows };
  if (what.code && (await hits(snapshot, what.code))) return { state: "check_online", rows };
  if (howOld !== "fresh") return { state: "too_old", rows };
  const compare = what.code ? uncarried(snapshot.head, what) : [];
  if (compare.length) {
    // A warning of exactly these goods stands before what they may be.
    const all = [...rows, ...compare.filter((one) => !rows.some((other) => isSame(one, other)))];
    return { state: "check_label", rows: all.slice(0, MOST_FOUND), total: all.length };
  }
  return { state: rows.length ? "warned" : "not_known_bad", rows };
}

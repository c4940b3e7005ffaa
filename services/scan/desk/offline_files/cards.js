// What is listed, as a card: the words on its label, what stands against it, and how grave that is.
import * as check from "./check.js";

/** The function that makes one of an entry; the given ones say and build what the page says. */
export function cards(root, { word, inLanguage, vietnamese, made }) {
  function ground(head, place) {
    const one = head.grounds[place];
    const item = made("li");
    item.append(made("strong", word(`kind_${one.kind}`)));
    const title = inLanguage(one.title ?? [""]);
    if (title) item.append(`: ${title}`);
    const told = [one.authority, one.since && one.since.split("-").reverse().join("/")];
    const by = told.filter(Boolean).join(" · ");
    if (by) item.append(vietnamese(made("p", by, "muted")));
    const todo = inLanguage(one.instruction ?? [""]);
    if (todo) item.append(made("p", todo));
    return item;
  }

  function entry(head, one, isMarked = true) {
    const box = made("section", "", "card");
    const name = root.dataset.lang !== "vi" && (one.name_en || one.product_en);
    const heading = made("h3", name || one.name || one.product || one.code, "card-title");
    box.append(name ? heading : vietnamese(heading));
    const facts = [
      [word(`is_${one.what}`), one.what === "lot" ? one.code : (one.code ?? "")],
      ["GTIN", one.gtin],
      ["GLN", one.gln],
      [word("made_by"), one.facility],
      [word("expires"), one.expires && one.expires.split("-").reverse().join("/")],
    ].filter(([, told]) => told);
    const list = made("dl", "", "facts");
    for (const [label, told] of facts) {
      const line = made("div");
      line.append(made("dt", label), vietnamese(made("dd", told)));
      list.append(line);
    }
    const mark = isMarked && markOf(head, one);
    if (mark) heading.after(root.querySelector(`template[data-mark="${mark}"]`).content.cloneNode(true));
    const why = made("ul");
    for (const place of one.why ?? []) why.append(ground(head, place));
    box.append(list, why);
    const left = one.why?.length ? "codes_left" : "batch_left";
    if (one.codes === false) box.append(made("p", word(left), "muted"));
    return box;
  }

  function markOf(head, one) {
    if (check.isBad(head, one)) return "bad";
    if (check.isHeld(head, one)) return "held";
    return one.why?.length ? "warned" : "";
  }

  return entry;
}

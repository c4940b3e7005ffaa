// Forms that are kept on the telephone until they are sent. Without this file they work as ever.
//
// A form with data-outbox is written down before it is sent, under the id that the page gave it: the
// server does each id once, so that it may be sent again whenever nobody knows whether it arrived.
"use strict";

(() => {
  const box = document.getElementById("outbox");
  if (!box || !window.indexedDB || !window.fetch || !window.DOMParser) return;

  const words = box.dataset;
  document.documentElement.dataset.outbox = "on";
  const STORE = "forms";
  const WAIT_MS = 8000;
  const AGAIN_MS = 15000;
  const LONGEST_MS = 60000;

  // ---- what is kept ------------------------------------------------------------------------------

  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("txng-outbox", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

  const kept = (mode, act) =>
    opened.then(
      (db) =>
        new Promise((resolve, reject) => {
          const transaction = db.transaction(STORE, mode);
          const asked = act(transaction.objectStore(STORE));
          transaction.oncomplete = () => resolve(asked.result);
          transaction.onerror = () => reject(transaction.error);
          transaction.onabort = () => reject(transaction.error);
        }),
    );
  const put = (row) => kept("readwrite", (rows) => rows.put(row));
  const drop = (key) => kept("readwrite", (rows) => rows.delete(key));
  const read = (key) => kept("readonly", (rows) => rows.get(key));
  // Another account on this telephone neither sees nor sends what this one wrote.
  const mine = async () => {
    const rows = await kept("readonly", (all) => all.getAll());
    return rows
      .filter((row) => row.who === words.who || row.who === "")
      .sort((one, other) => one.at.localeCompare(other.at));
  };

  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };

  // ---- sending -----------------------------------------------------------------------------------

  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
  const signedOut = (answer) => /^\/(sign-in|session)/.test(new URL(answer.url).pathname);

  // A fresh token, for the page that the form was on may be gone since days.
  const tokenOf = async (row) => {
    const answer = await fetch(row.page, { headers: { Accept: "text/html" } });
    if (signedOut(answer)) return { state: "sign-in" };
    if (answer.status >= 500 || answer.status === 429) return { state: "waiting" };
    const page = parsed(await answer.text());
    // Somebody else signed in on this telephone since: what was written waits for who wrote it.
    const other = page.getElementById("outbox");
    if (row.who && other && other.dataset.who !== row.who) return { state: "sign-in" };
    const token = page.querySelector('input[name="csrf"]');
    if (!answer.ok || !token) return { state: "refused", message: heading(page) };
    return { token: token.value };
  };

  const heading = (page) => {
    const errors = [...page.querySelectorAll("#errors li, main .error, main h1")];
    return errors.slice(0, 3).map((one) => one.textContent.trim()).join(" · ");
  };

  const send = async (row, token) => {
    try {
      let known = token;
      if (!known) {
        const found = await tokenOf(row);
        if (!found.token) return found;
        known = found.token;
      }
      const body = new FormData();
      body.append("csrf", known);
      row.fields.forEach(([name, value]) => body.append(name, value));
      const answer = await fetch(row.action, {
        method: "POST",
        body,
        headers: { Accept: "text/html" },
        // A connection that hangs is none; what arrived all the same is done once.
        signal: AbortSignal.timeout ? AbortSignal.timeout(LONGEST_MS) : undefined,
      });
      if (signedOut(answer)) return { state: "sign-in" };
      if (answer.status >= 500 || answer.status === 429) return { state: "waiting" };
      const text = await answer.text();
      // A token that ran out is no word about the form: a fresh one is asked for.
      if (answer.status === 403 && token) return send(row, "");
      const page = parsed(text);
      if (!answer.ok) return { state: "refused", message: heading(page), page, url: row.page };
      return { state: "sent", page, url: answer.url };
    } catch {
      return { state: "waiting" };
    }
  };

  // What a worker keeps of this page is what it was before: the next time it is to be as it is now.
  const renew = () =>
    words.worker ? fetch(window.location.href.split("#")[0], { headers: { Accept: "text/html" } }).catch(() => {}) : null;

  let sending = false;
  const flush = async () => {
    if (sending) return;
    sending = true;
    let last = null;
    try {
      for (const row of await mine()) {
        if (row.state === "refused") continue;
        const told = await send(row, "");
        if (told.state === "sent") {
          last = row.who === "" && row.page === window.location.pathname ? told : last;
          await drop(row.key);
          await show();
          await renew();
          continue;
        }
        await put({ ...row, state: told.state, message: told.message || "" });
        if (told.state !== "refused") break;
      }
    } finally {
      sending = false;
    }
    // A page whose steps were taken without a connection tells of them now, unless somebody types.
    if (last && !typed()) turnTo(last);
    await show();
  };
  const typed = () =>
    [...document.querySelectorAll("form[data-outbox] input:not([type=hidden])")].some(
      (one) => one.value !== one.defaultValue,
    );
  // Two pages of one browser take turns where it can do that; the ids make it right in any case.
  const flushInTurn = () =>
    navigator.locks
      ? navigator.locks.request("txng-outbox", { ifAvailable: true }, (lock) => (lock ? flush() : null))
      : flush();

  // ---- what is shown -----------------------------------------------------------------------------

  const STATES = { waiting: words.waiting, "sign-in": words.signIn, refused: words.refused };

  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const button = (text, act) => {
    const made = element("button", text, "button small quiet");
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };

  const show = async () => {
    const rows = await mine();
    box.hidden = rows.length === 0;
    const list = box.querySelector("ul");
    list.replaceChildren(
      ...rows.map((row) => {
        const item = element("li");
        item.dataset.state = row.state;
        const time = new Date(row.at).toLocaleString(document.documentElement.lang);
        item.append(element("b", row.label), ` · ${time} · ${STATES[row.state]} `);
        if (row.message) item.append(element("span", row.message, "small muted"), " ");
        if (row.state === "refused") {
          const again = element("a", words.again);
          again.href = `${row.page}#outbox-${row.key}`;
          again.addEventListener("click", () => setTimeout(restore));
          item.append(again, " ");
        }
        item.append(
          button(words.drop, async () => {
            if (!window.confirm(words.sure)) return;
            await drop(row.key);
            await show();
          }),
        );
        return item;
      }),
    );
    stepOn(rows);
  };

  // Where one form leads to the next, the next is offered while the first one waits.
  const stepOn = (rows) => {
    document.querySelectorAll("form[data-outbox]").forEach((form) => {
      const waits = rows.some((row) => row.action === form.getAttribute("action") && row.state !== "refused");
      if (!waits) return;
      document.querySelectorAll(form.dataset.outboxShows || "none").forEach((one) => {
        one.hidden = false;
      });
      document.querySelectorAll(form.dataset.outboxHides || "none").forEach((one) => {
        one.hidden = true;
      });
    });
  };

  // What the server answered takes the place of what is on the page, errors and all.
  const turnTo = (told) => {
    const next = told.page.querySelector("main");
    if (!next) {
      window.location.assign(told.url);
      return;
    }
    const main = document.importNode(next, true);
    const place = main.querySelector("#outbox");
    if (place) place.replaceWith(box);
    else main.prepend(box);
    document.querySelector("main").replaceWith(main);
    document.title = told.page.title;
    window.history.pushState(null, "", told.url);
    window.scrollTo(0, 0);
    (main.querySelector("[data-focus]") || main).focus();
  };

  // ---- writing down ------------------------------------------------------------------------------

  const located = (form) =>
    new Promise((resolve) => {
      if (!("locate" in form.dataset) || !navigator.geolocation) {
        resolve([]);
        return;
      }
      navigator.geolocation.getCurrentPosition(
        ({ coords }) =>
          resolve([
            ["latitude", coords.latitude.toFixed(4)],
            ["longitude", coords.longitude.toFixed(4)],
          ]),
        () => resolve([]),
        { maximumAge: 60000, timeout: WAIT_MS },
      );
    });

  const filled = ([, value]) => (value instanceof File ? value.size > 0 : true);

  const write = async (form, submitter) => {
    const data = new FormData(form, submitter);
    const token = data.get("csrf");
    data.delete("csrf");
    const at = new Date().toISOString();
    if ("outboxNow" in form.dataset) data.set("at", at);
    // A page that was kept for lack of a connection may be shown twice: its ids are not new.
    if ("outboxOpen" in form.dataset) data.set("id", newId());
    const fields = [...data.entries(), ...(await located(form))].filter(filled);
    const row = {
      // Two forms of one page may have been given the same id.
      key: `${data.get("id") || data.get("key") || newId()}:${form.getAttribute("action").split("/").pop()}`,
      action: form.getAttribute("action"),
      page: form.dataset.outbox || window.location.pathname + window.location.search,
      label: form.dataset.outboxLabel || document.title,
      who: "outboxOpen" in form.dataset ? "" : words.who,
      fields,
      at,
      state: "waiting",
      message: "",
    };
    await put(row);
    return { row, token };
  };

  // What was typed while the form was being kept belongs to the next one.
  const begunAnew = (form, sent) => {
    const typed = [...new FormData(form).entries()].filter(
      ([name, value]) =>
        !["id", "key", "csrf"].includes(name) &&
        !(value instanceof File) &&
        !sent.some(([one, was]) => one === name && was === value),
    );
    form.reset();
    // What names the form for the server: by it a form that comes twice is done once.
    ["id", "key"].forEach((name) => {
      const known = form.elements.namedItem(name);
      if (known) known.value = newId();
    });
    const at = form.elements.namedItem("at");
    if (at && at.type === "datetime-local") {
      const local = new Date(Date.now() - new Date().getTimezoneOffset() * 60000);
      at.value = local.toISOString().slice(0, 16);
    }
    typed.forEach(([name, value]) => {
      const field = form.elements.namedItem(name);
      if (field && "value" in field && field.type !== "checkbox") field.value = value;
    });
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !("outbox" in form.dataset)) return;
    // A button that only asks for more rows sends nothing that is to be done.
    if (event.submitter && "outboxSkip" in event.submitter.dataset) return;
    if (form.dataset.writing) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    event.preventDefault();
    form.dataset.writing = "yes";
    form.setAttribute("aria-busy", "true");
    try {
      const { row, token } = await write(form, event.submitter);
      const told = navigator.onLine ? await send(row, token) : { state: "waiting" };
      if (told.state === "sent" || (told.state === "refused" && told.page)) {
        // What was refused is on the page again, as it was typed.
        await drop(row.key);
        turnTo(told);
        await show();
        await renew();
        return;
      }
      await put({ ...row, state: told.state });
      begunAnew(form, row.fields);
      await show();
      box.scrollIntoView({ block: "center" });
      box.focus();
    } catch {
      // Nothing could be kept here: then it is sent as without this file.
      form.submit();
    } finally {
      delete form.dataset.writing;
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });

  // A refused form is opened again with everything that was in it, photos too.
  const restore = async () => {
    const key = window.location.hash.replace(/^#outbox-/, "");
    if (!key || key === window.location.hash) return;
    const row = await read(key);
    const forms = [...document.querySelectorAll("form[data-outbox]")];
    const form = row && forms.find((one) => one.getAttribute("action") === row.action);
    if (!form) return;
    const files = new Map();
    row.fields.forEach(([name, value]) => {
      const field = form.elements.namedItem(name);
      if (!field) return;
      if (value instanceof File) files.set(name, [...(files.get(name) || []), value]);
      else if (field.type === "checkbox") field.checked = true;
      else if ("value" in field) field.value = value;
    });
    files.forEach((all, name) => {
      const carried = new DataTransfer();
      all.forEach((one) => carried.items.add(one));
      form.elements.namedItem(name).files = carried.files;
    });
    const errors = element("p", row.message, "notice bad");
    errors.setAttribute("role", "alert");
    form.prepend(errors);
  };

  // The page itself is kept too, where a worker may do that: it opens without a connection. What it
  // is made of comes first, so that a page that is kept is whole.
  const keepPage = async () => {
    const parts = document.querySelectorAll('link[rel="stylesheet"], script[src], svg use');
    const addresses = [...parts].map((one) => one.src || new URL(one.getAttribute("href"), document.baseURI).href);
    await Promise.all([...new Set(addresses.map((one) => one.split("#")[0]))].map((one) => fetch(one)));
    await renew();
  };
  if (words.worker && navigator.serviceWorker) {
    const workers = navigator.serviceWorker;
    // What is asked for before the worker is in charge would pass it by.
    const controlled = new Promise((done) => {
      if (workers.controller) done();
      else workers.addEventListener("controllerchange", done, { once: true });
    });
    workers
      .register(words.worker)
      .then(() => controlled)
      .then(keepPage)
      .catch(() => {});
  }

  show().then(restore).then(flushInTurn).catch(() => {});
  window.addEventListener("online", flushInTurn);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) flushInTurn();
  });
  window.setInterval(async () => {
    if ((await mine()).some((row) => row.state !== "refused")) await flushInTurn();
  }, AGAIN_MS);
})();

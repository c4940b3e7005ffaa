// Keeps the page on the telephone, whole and of one version. Before this stands what it keeps:
// self.KEPT = {version, path, languages, files}.
"use strict";

const CACHES = "txng-offline-";
const CACHE = `${CACHES}${self.KEPT.version}`;
// Beside those of versions, for it outlives them all.
const CHOICE = "txng-choice";
const CHOSEN = `${self.KEPT.path}/chosen-language`;
// Pages of the versions before may still be open.
const VERSIONS_BEFORE = 2;
const pageIn = (lang) => `${self.KEPT.path}?lang=${lang}`;
// Without cookies: nobody's own page is kept, and no language is chosen by keeping three.
const anew = (url, more) => new Request(url, { credentials: "omit", cache: "reload", ...more });

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const { files, languages, path, version } = self.KEPT;
      const pages = await Promise.all(languages.map((lang) => fetch(anew(pageIn(lang)))));
      for (const page of pages) {
        // While servers are renewed one after another, this may be of another version.
        const told = page.ok ? await page.clone().text() : "";
        if (!told.includes(`${path}/files/${version}/`)) throw new Error("another version");
      }
      const isNew = !(await caches.has(CACHE));
      const cache = await caches.open(CACHE);
      try {
        await cache.addAll(files.map(([url, integrity]) => anew(url, { integrity })));
        await Promise.all(pages.map((page, n) => cache.put(pageIn(languages[n]), page)));
      } catch (error) {
        // It would count as a version before, and push out the one that is still open.
        if (isNew) await caches.delete(CACHE);
        throw error;
      }
      // Whatever fails before this leaves the version that was there, and is tried anew.
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      await choose(await chosenLanguage());
      const names = await caches.keys();
      const others = names.filter((one) => one.startsWith(CACHES) && one !== CACHE);
      await Promise.all(others.slice(0, -VERSIONS_BEFORE).map((one) => caches.delete(one)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data?.lang) event.waitUntil(choose(event.data.lang));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") {
    if (url.pathname === self.KEPT.path) event.respondWith(page(event, url));
    return;
  }
  if (url.pathname.startsWith("/api/")) return;
  event.respondWith(kept(event.request));
});

async function page(event, url) {
  const asked = url.searchParams.get("lang");
  if (self.KEPT.languages.includes(asked)) {
    // The server remembers the choice for its other pages, where it can be reached.
    event.waitUntil(Promise.all([choose(asked), fetch(event.request).catch(() => null)]));
  }
  const lang = self.KEPT.languages.includes(asked) ? asked : await chosenLanguage();
  const cache = await caches.open(CACHE);
  return (await cache.match(pageIn(lang))) ?? fetch(event.request);
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? (await caches.match(request)) ?? fetch(request);
}

async function choose(lang) {
  const cache = await caches.open(CHOICE);
  await cache.put(CHOSEN, new Response(lang));
}

async function chosenLanguage() {
  const cache = await caches.open(CHOICE);
  // Releases before kept it with the version.
  const found = (await cache.match(CHOSEN)) ?? (await caches.match(CHOSEN));
  const lang = found ? await found.text() : "";
  return self.KEPT.languages.includes(lang) ? lang : self.KEPT.languages[0];
}

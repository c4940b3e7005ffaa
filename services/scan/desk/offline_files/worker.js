// Keeps the page on the telephone, whole and of one version. Before this stands what it keeps:
// self.KEPT = {version, path, languages, files}.
"use strict";

const CACHE = `txng-offline-${self.KEPT.version}`;
const CHOSEN = `${self.KEPT.path}/chosen-language`;
const pageIn = (lang) => `${self.KEPT.path}?lang=${lang}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      const wanted = [...self.KEPT.files, ...self.KEPT.languages.map(pageIn)];
      // Without cookies: nobody's own page is kept, and no language is chosen by keeping three.
      await cache.addAll(
        wanted.map((one) => new Request(one, { credentials: "omit", cache: "reload" })),
      );
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const chosen = await chosenLanguage();
      const names = await caches.keys();
      const old = names.filter((one) => one.startsWith("txng-offline-") && one !== CACHE);
      await Promise.all(old.map((one) => caches.delete(one)));
      await choose(chosen);
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
  return (await cache.match(request)) ?? fetch(request);
}

async function choose(lang) {
  const cache = await caches.open(CACHE);
  await cache.put(CHOSEN, new Response(lang));
}

async function chosenLanguage() {
  const found = await caches.match(CHOSEN);
  const lang = found ? await found.text() : "";
  return self.KEPT.languages.includes(lang) ? lang : self.KEPT.languages[0];
}

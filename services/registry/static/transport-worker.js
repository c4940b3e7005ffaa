// Keeps the transporter's page at hand where there is no connection: the network first, what was
// seen last where there is none. A link that was withdrawn or ran out is forgotten.
"use strict";

const KEPT = "txng-transport-1";
// Links are good for seven days.
const LONGEST_MS = 8 * 24 * 3600 * 1000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answered(event.request));
});

async function answered(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await kept.put(request.url, answer.clone());
    if (answer.status === 404) await kept.delete(request.url);
    await forget(kept);
    return answer;
  } catch (error) {
    const known = await kept.match(request.url, { ignoreVary: true });
    if (known) return known;
    throw error;
  }
}

async function forget(kept) {
  for (const request of await kept.keys()) {
    const answer = await kept.match(request, { ignoreVary: true });
    const at = answer && Date.parse(answer.headers.get("date"));
    if (at && Date.now() - at > LONGEST_MS) await kept.delete(request);
  }
}

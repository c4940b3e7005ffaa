// Keeps the page on the telephone, and brings a new release to a page that is open.

// Not again within this time: while servers are renewed one after another, releases may alternate.
const RENEWED_MILLISECONDS = 10 * 60_000;
const RENEWED = "txng-offline-renewed";

/**
 * Registers the worker and says on the page what came of it. `isIdle` tells whether nobody would
 * lose anything if the page were opened anew. Returns a function that looks for a new release.
 */
export async function keep(root, part, isIdle) {
  const nothing = async () => {};
  const workers = navigator.serviceWorker;
  const refused = () => {
    part("not-kept").hidden = false;
    return nothing;
  };
  if (!workers) return refused();
  // The first worker that takes over a page is of the release that the page is.
  let before = workers.controller;
  workers.addEventListener("controllerchange", () => {
    if (before) renew(part, isIdle);
    before = workers.controller;
  });
  const { worker, scope, lang } = root.dataset;
  let kept = null;
  const register = async () => {
    const found = await workers.register(worker, { scope });
    const first = found.active ? null : found.installing;
    first?.addEventListener("statechange", () => {
      if (first.state === "redundant" && !found.active) refused();
    });
    kept = found;
  };
  // A first worker whose installing breaks off takes its registration with it.
  const isThere = () => Boolean(kept?.active || kept?.waiting || kept?.installing);
  workers.ready.then(async (ready) => {
    ready.active.postMessage({ lang });
    part("not-kept").hidden = true;
    part("kept").hidden = false;
    await navigator.storage?.persist?.();
  });
  await register().catch(refused);
  return () => (isThere() ? kept.update() : register()).catch(nothing);
}

function renew(part, isIdle) {
  const last = Number(sessionStorage.getItem(RENEWED));
  if (isIdle() && Date.now() - last > RENEWED_MILLISECONDS) {
    sessionStorage.setItem(RENEWED, Date.now());
    location.reload();
    return;
  }
  part("renewed").hidden = false;
  part("reopen").addEventListener("click", () => location.reload());
}

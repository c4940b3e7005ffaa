// A part of a page that renews itself. Without this script the page is loaded again, as it says.
//
// <div data-live="/address" data-live-seconds="1" data-live-times="60">: the address answers with
// elements whose ids are on the page; their contents are put in the place of the old ones, and
// nothing else on the page is touched, least of all what somebody is typing. It ends when the
// answer has no element with data-live any more, or after so many times.
"use strict";

(() => {
  const root = document.querySelector("[data-live]");
  if (!root) return;
  let left = Number(root.dataset.liveTimes) || 60;
  const pause = (Number(root.dataset.liveSeconds) || 1) * 1000;

  async function renewed() {
    const answer = await fetch(root.dataset.live, { headers: { Accept: "text/html" }, redirect: "manual" });
    // Signed out: no more of it. Such an answer, which leads elsewhere, has no status.
    if (!answer.ok) return answer.status >= 500;
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    told.querySelectorAll("[id]").forEach((fresh) => {
      const old = document.getElementById(fresh.id);
      if (old && old.dataset.livePart !== undefined && old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
    });
    return told.querySelector("[data-live]") !== null;
  }

  async function look() {
    let on = true;
    // While nobody sees the page it waits, and goes on when somebody does.
    if (!document.hidden) {
      left -= 1;
      try {
        on = await renewed();
      } catch {
        on = true; // The network is away for a moment.
      }
    }
    if (on && left > 0) window.setTimeout(look, pause);
  }
  window.setTimeout(look, pause);
})();

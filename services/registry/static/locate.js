// Adds coordinates to the transporter's forms where the phone gives them; without it they work too.
"use strict";

const WAIT_MS = 8000;

document.querySelectorAll("form[data-locate]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    // The outbox adds them itself, and sends.
    if (document.documentElement.dataset.outbox) return;
    if (form.dataset.located || !navigator.geolocation) return;
    event.preventDefault();
    form.dataset.located = "1";
    const add = (name, value) => {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = String(value);
      form.append(input);
    };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        add("latitude", coords.latitude.toFixed(4));
        add("longitude", coords.longitude.toFixed(4));
        form.submit();
      },
      () => form.submit(),
      { maximumAge: 60000, timeout: WAIT_MS },
    );
  });
});

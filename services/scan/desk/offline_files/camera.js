// Reads a QR code from the camera's picture; what it says goes to the page and nowhere else.
const LOOK_MILLISECONDS = 120;
// Small stamps are read from the middle at full sharpness, large ones from the whole picture.
const MIDDLE = 640;
const WIDEST = 800;

let reader = null;

function decoder() {
  reader ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("./vendor/jsqr.js", import.meta.url);
    script.onload = () => resolve(window.jsQR);
    script.onerror = reject;
    document.head.append(script);
  });
  return reader;
}

function picture(video, canvas, middle) {
  const { videoWidth: width, videoHeight: height } = video;
  const side = Math.min(width, height, MIDDLE);
  const [w, h] = middle ? [side, side] : [width, height];
  const scale = Math.min(1, WIDEST / w);
  canvas.width = Math.round(w * scale);
  canvas.height = Math.round(h * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const from = [(width - w) / 2, (height - h) / 2, w, h];
  context.drawImage(video, ...from, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

export function begin(part, word, found) {
  if (!navigator.mediaDevices?.getUserMedia) return;
  const [button, view, video, told, stopper] = ["camera", "view", "video", "camera-told", "stop"].map(part);
  const canvas = document.createElement("canvas");
  let stream = null;
  // Who stops it while the camera is still being opened must not find it running afterwards.
  let asked = 0;
  button.hidden = false;

  function stop() {
    asked += 1;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    view.hidden = true;
    button.hidden = false;
  }

  async function start() {
    const own = (asked += 1);
    button.hidden = true;
    view.hidden = video.hidden = stopper.hidden = false;
    told.textContent = word("camera_looking");
    try {
      const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
      const opened = await navigator.mediaDevices.getUserMedia({ video: wanted });
      if (asked !== own) {
        opened.getTracks().forEach((track) => track.stop());
        return;
      }
      stream = opened;
      video.srcObject = stream;
      await video.play();
      await look(await decoder(), opened);
    } catch (error) {
      if (asked !== own) return;
      stop();
      // Only the words: there is no picture to show and nothing to stop.
      video.hidden = stopper.hidden = true;
      view.hidden = false;
      button.focus();
      told.textContent = word(error.name === "NotAllowedError" ? "camera_refused" : "camera_none");
    }
  }

  async function look(decode, own) {
    for (let turn = 0; stream === own; turn += 1) {
      if (video.videoWidth) {
        const { data, width, height } = picture(video, canvas, turn % 2 === 0);
        const read = decode(data, width, height, { inversionAttempts: "dontInvert" });
        if (read?.data) {
          stop();
          button.focus();
          await found(read.data);
          return;
        }
      }
      await new Promise((resolve) => window.setTimeout(resolve, LOOK_MILLISECONDS));
    }
  }

  button.addEventListener("click", start);
  stopper.addEventListener("click", () => {
    stop();
    button.focus();
  });
  document.addEventListener("visibilitychange", () => document.hidden && stop());
}

// Draws a boundary with finger, pen or mouse over the box of corners, which stays what is sent.
// Without this script the corners are typed, or a file is uploaded.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const TAP = 6; // A pointer that moved less far, in pixels, was a tap.
const REACH = 22; // A finger meets a corner from this far, in pixels.
const DECIMALS = 6;
const ZOOM = 1.6;
const COARSE_METRES = 30;

// The same reading of a line as the server's: two numbers in either order.
function corner(line) {
  const spread = /[;\t]|\d\s+\d/.test(line) ? line : line.replace(/,\s*(?=\d+\.)/g, " ");
  const found = (spread.match(/-?\d{1,3}(?:[.,]\d+)?/g) || []).map((n) => Number(n.replace(",", ".")));
  if (found.length !== 2) return null;
  return { lat: Math.min(...found), lon: Math.max(...found) };
}

function parsed(text) {
  const parts = [[]];
  let broken = 0;
  text.split("\n").forEach((line, index) => {
    if (!line.trim()) return parts.push([]);
    const point = corner(line);
    if (point) parts[parts.length - 1].push(point);
    else broken = broken || index + 1;
  });
  const kept = parts.filter((part) => part.length);
  return { parts: kept.length ? kept : [[]], broken };
}

const typed = (parts) =>
  parts
    .filter((part) => part.length)
    .map((part) => part.map((p) => `${p.lat.toFixed(DECIMALS)} ${p.lon.toFixed(DECIMALS)}`).join("\n"))
    .join("\n\n");

// Metres of a degree of latitude and of longitude here, on the ellipsoid.
function metres(lat) {
  const r = (lat * Math.PI) / 180;
  return {
    lat: 111132.954 - 559.822 * Math.cos(2 * r) + 1.175 * Math.cos(4 * r),
    lon: 111412.84 * Math.cos(r) - 93.5 * Math.cos(3 * r),
  };
}

function hectares(part) {
  if (part.length < 3) return 0;
  const m = metres(part[0].lat);
  let sum = 0;
  part.forEach((p, i) => {
    const q = part[(i + 1) % part.length];
    sum += (p.lon - part[0].lon) * (q.lat - part[0].lat) - (q.lon - part[0].lon) * (p.lat - part[0].lat);
  });
  return (Math.abs(sum / 2) * m.lat * m.lon) / 10000;
}

class Pad {
  constructor(root) {
    this.box = document.getElementById(root.dataset.draw);
    this.words = JSON.parse(root.dataset.words);
    this.around = JSON.parse(root.dataset.around);
    this.svg = root.querySelector("svg");
    this.status = root.querySelector("[role=status]");
    this.pointers = new Map();
    this.chosen = null;
    this.read();
    root.hidden = false;
    this.fit(JSON.parse(root.dataset.frame));
    this.listen(root);
  }

  listen(root) {
    this.box.addEventListener("input", () => {
      this.read();
      this.draw();
    });
    const acts = {
      here: () => this.here(),
      remove: () => this.remove(),
      part: () => this.begin(),
      near: () => this.zoom(ZOOM),
      far: () => this.zoom(1 / ZOOM),
      fit: () => this.fit(),
    };
    root.querySelectorAll("button[data-act]").forEach((button) => {
      button.addEventListener("click", () => acts[button.dataset.act]());
    });
    this.svg.addEventListener("pointerdown", (event) => this.down(event));
    this.svg.addEventListener("pointermove", (event) => this.moved(event));
    this.svg.addEventListener("pointerup", (event) => this.up(event));
    this.svg.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    new ResizeObserver(() => this.draw()).observe(this.svg);
  }

  read() {
    Object.assign(this, parsed(this.box.value));
    this.chosen = null;
  }

  write() {
    this.box.value = typed(this.parts);
    this.draw();
  }

  get size() {
    return { wide: this.svg.clientWidth || 640, high: this.svg.clientHeight || 420 };
  }

  project(p) {
    const { wide, high } = this.size;
    const squeeze = Math.cos((this.centre.lat * Math.PI) / 180);
    return {
      x: wide / 2 + (p.lon - this.centre.lon) * squeeze * this.scale,
      y: high / 2 - (p.lat - this.centre.lat) * this.scale,
    };
  }

  locate(x, y) {
    const { wide, high } = this.size;
    const squeeze = Math.cos((this.centre.lat * Math.PI) / 180);
    return {
      lon: this.centre.lon + (x - wide / 2) / squeeze / this.scale,
      lat: this.centre.lat - (y - high / 2) / this.scale,
    };
  }

  // Shows all corners; before there are any, the frame that the page gives (west, south, east, north).
  fit(frame = this.frame) {
    this.frame = frame;
    const own = this.parts.flat();
    const lons = own.length ? own.map((p) => p.lon) : [frame[0], frame[2]];
    const lats = own.length ? own.map((p) => p.lat) : [frame[1], frame[3]];
    const [west, east] = [Math.min(...lons), Math.max(...lons)];
    const [south, north] = [Math.min(...lats), Math.max(...lats)];
    this.centre = { lat: (south + north) / 2, lon: (west + east) / 2 };
    const { wide, high } = this.size;
    this.scale = Math.min((wide * 0.8) / Math.max(east - west, 0.001), (high * 0.8) / Math.max(north - south, 0.001));
    this.draw();
  }

  zoom(times) {
    this.scale = Math.min(Math.max(this.scale * times, 50), 5e7);
    this.draw();
  }

  place(event) {
    const frame = this.svg.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  down(event) {
    const at = this.place(event);
    this.svg.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size > 1) {
      this.held = null;
      return;
    }
    this.start = at;
    this.travelled = 0;
    this.held = this.cornerAt(at);
    if (this.held) this.chosen = this.held;
  }

  moved(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const at = this.place(event);
    if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const apart = (p) => Math.max(Math.hypot(p.x - other.x, p.y - other.y), 1);
      this.travelled = Infinity;
      this.pointers.set(event.pointerId, at);
      return this.zoom(apart(at) / apart(before));
    }
    this.pointers.set(event.pointerId, at);
    this.travelled = Math.max(this.travelled, Math.hypot(at.x - this.start.x, at.y - this.start.y));
    if (this.travelled < TAP) return undefined;
    if (this.held && !this.broken) {
      this.parts[this.held.part][this.held.index] = this.locate(at.x, at.y);
      return this.write();
    }
    const [from, to] = [this.locate(before.x, before.y), this.locate(at.x, at.y)];
    this.centre = { lat: this.centre.lat + from.lat - to.lat, lon: this.centre.lon + from.lon - to.lon };
    return this.draw();
  }

  up(event) {
    const at = this.place(event);
    const alone = this.pointers.size === 1;
    this.pointers.delete(event.pointerId);
    if (!alone || this.travelled >= TAP) return;
    if (!this.held) this.add(this.locate(at.x, at.y), at);
    else this.draw();
  }

  cornerAt(at) {
    let best = null;
    let nearest = REACH;
    this.parts.forEach((points, part) =>
      points.forEach((p, index) => {
        const { x, y } = this.project(p);
        const far = Math.hypot(x - at.x, y - at.y);
        if (far < nearest) [best, nearest] = [{ part, index }, far];
      }),
    );
    return best;
  }

  // Where a tap lies on an edge, the corner comes between that edge's two.
  edgeAt(at) {
    for (let part = 0; part < this.parts.length; part += 1) {
      const points = this.parts[part];
      for (let i = 0; points.length > 2 && i < points.length; i += 1) {
        const [a, b] = [this.project(points[i]), this.project(points[(i + 1) % points.length])];
        const along = ((at.x - a.x) * (b.x - a.x) + (at.y - a.y) * (b.y - a.y)) / (Math.hypot(b.x - a.x, b.y - a.y) ** 2 || 1);
        const t = Math.min(Math.max(along, 0), 1);
        if (Math.hypot(a.x + t * (b.x - a.x) - at.x, a.y + t * (b.y - a.y) - at.y) < TAP * 2) return { part, index: i + 1 };
      }
    }
    return null;
  }

  add(point, at) {
    if (this.broken) return this.draw();
    const edge = at ? this.edgeAt(at) : null;
    const where = edge || { part: this.parts.length - 1, index: this.parts[this.parts.length - 1].length };
    this.parts[where.part].splice(where.index, 0, point);
    this.chosen = where;
    return this.write();
  }

  remove() {
    if (this.broken) return;
    const last = this.parts.length - 1;
    const where = this.chosen || { part: last, index: this.parts[last].length - 1 };
    this.parts[where.part].splice(where.index, 1);
    if (!this.parts[where.part].length && this.parts.length > 1) this.parts.splice(where.part, 1);
    this.chosen = null;
    this.write();
  }

  begin() {
    if (!this.broken && this.parts[this.parts.length - 1].length) this.parts.push([]);
    this.chosen = null;
    this.draw();
  }

  here() {
    if (!navigator.geolocation) return this.say(this.words.no_place);
    this.say(this.words.asking);
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const point = { lat: coords.latitude, lon: coords.longitude };
        this.add(point);
        this.fit();
        const within = Math.round(coords.accuracy);
        const text = within > COARSE_METRES ? this.words.coarse : this.words.placed;
        this.say(text.replace("{metres}", within));
      },
      () => this.say(this.words.no_place),
      { enableHighAccuracy: true, maximumAge: 0, timeout: 15000 },
    );
  }

  say(text) {
    this.status.textContent = text;
  }

  draw() {
    const { wide, high } = this.size;
    this.svg.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    this.svg.replaceChildren();
    const put = (name, attributes, text = "") => {
      const node = document.createElementNS(SVG, name);
      Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
      if (text) node.textContent = text;
      this.svg.append(node);
      return node;
    };
    const path = (points) => {
      const along = points.map((p) => this.project(p)).map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`);
      return `M${along.join(" ")}${points.length > 2 ? "Z" : ""}`;
    };
    put("rect", { class: "ground", width: wide, height: high });
    this.around.forEach(({ rings }) =>
      rings.forEach((ring) => put("path", { class: "other", d: path(ring.map(([lon, lat]) => ({ lon, lat }))) })),
    );
    this.parts.filter((part) => part.length > 1).forEach((part) => put("path", { class: "own", d: path(part) }));
    this.parts.forEach((points, part) =>
      points.forEach((p, index) => {
        const { x, y } = this.project(p);
        const here = this.chosen && this.chosen.part === part && this.chosen.index === index;
        put("circle", { class: here ? "corner chosen" : "corner", cx: x.toFixed(1), cy: y.toFixed(1), r: here ? 9 : 6 });
      }),
    );
    this.bar(put, high);
    this.tell();
  }

  bar(put, high) {
    const most = (this.size.wide / 4 / this.scale) * metres(this.centre.lat).lat;
    const power = 10 ** Math.floor(Math.log10(most));
    const long = [5, 2, 1].map((n) => n * power).find((n) => n <= most);
    const wide = (long / metres(this.centre.lat).lat) * this.scale;
    put("path", { class: "scale", d: `M12 ${high - 18}V${high - 12}H${12 + wide}V${high - 18}` });
    put("text", { x: 16, y: high - 20 }, long >= 1000 ? `${long / 1000} km` : `${long} m`);
  }

  tell() {
    if (this.broken) return this.say(this.words.broken.replace("{number}", this.broken));
    const corners = this.parts.flat().length;
    const area = this.parts.reduce((sum, part) => sum + hectares(part), 0);
    const size = area.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
    return this.say(this.words.state.replace("{corners}", corners).replace("{hectares}", size));
  }
}

document.querySelectorAll("[data-draw]").forEach((root) => new Pad(root));

// Draws the rows of a dataset that have a place. No picture of the ground is fetched from anywhere: a net of meridians and parallels and a
// scale tell where one is. Near points are gathered into one mark, so that a visitor with a keyboard meets a few dozen marks and not thousands.
import L from "leaflet";
import "leaflet/dist/leaflet.css";

const NEAR = 44; // pixels: what is nearer to a mark's first row belongs to it, so that marks do not overlap
const LISTED = 20; // rows that one mark tells of
const STEPS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30];

function degrees(value, step, [positive, negative]) {
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return `${Math.abs(value).toFixed(digits)}°${value > 0 ? positive : value < 0 ? negative : ""}`;
}

// Meridians and parallels, four to eight of each over the part that is seen, drawn anew when that changes.
function net(map) {
  const layer = L.layerGroup().addTo(map);
  const line = (ends, text, at) => {
    layer.addLayer(L.polyline(ends, { className: "net", interactive: false, weight: 1 }));
    layer.addLayer(L.marker(at, { interactive: false, keyboard: false, icon: L.divIcon({ className: "net-label", html: text, iconSize: null }) }));
  };
  const drawn = () => {
    layer.clearLayers();
    const seen = map.getBounds();
    const [south, north, west, east] = [Math.max(seen.getSouth(), -85), Math.min(seen.getNorth(), 85), seen.getWest(), seen.getEast()];
    const step = STEPS.find((one) => (east - west) / one <= Math.max(2, map.getSize().x / 110)) ?? 45;
    for (let at = Math.ceil(west / step) * step; at <= east; at += step) line([[south, at], [north, at]], degrees(at, step, "EW"), [south, at]);
    for (let at = Math.ceil(south / step) * step; at <= north; at += step) line([[at, west], [at, east]], degrees(at, step, "NS"), [at, west]);
  };
  map.on("moveend resize", drawn);
}

// What a mark tells: names and values as texts, never as markup.
function told(element, heads, rows) {
  const box = document.createElement("div");
  box.lang = "zh-CN";
  rows.slice(0, LISTED).forEach((row) => {
    const list = box.appendChild(document.createElement("dl"));
    heads.forEach((head, place) => {
      list.appendChild(document.createElement("dt")).textContent = head;
      list.appendChild(document.createElement("dd")).textContent = row[place + 2] || "—";
    });
    list.appendChild(document.createElement("dt")).textContent = "°";
    list.appendChild(document.createElement("dd")).textContent = `${row[0]}, ${row[1]}`;
  });
  if (rows.length > LISTED) box.appendChild(document.createElement("p")).textContent = element.dataset.more;
  return box;
}

function gathered(map, points) {
  const groups = [];
  const seen = map.getBounds().pad(0.2);
  for (const row of points) {
    if (!seen.contains([row[1], row[0]])) continue;
    const at = map.project([row[1], row[0]]);
    const near = groups.find((one) => one.at.distanceTo(at) < NEAR);
    if (near) near.rows.push(row);
    else groups.push({ at, rows: [row] });
  }
  return groups;
}

function mark(map, element, heads, { at, rows }) {
  const many = rows.length > 1;
  const size = many ? 40 : 24;
  const marker = L.marker(map.unproject(at), { icon: L.divIcon({ className: many ? "mark many" : "mark", html: many ? String(rows.length) : "", iconSize: [size, size] }) });
  const apart = rows.some((row) => row[0] !== rows[0][0] || row[1] !== rows[0][1]);
  marker.on("add", () => marker.getElement().setAttribute("aria-label", many ? `${rows.length} ${element.dataset.rows}` : rows[0][2] || `${rows[0][0]}, ${rows[0][1]}`));
  if (many && apart && map.getZoom() < map.getMaxZoom()) {
    const open = () => { map.fitBounds(L.latLngBounds(rows.map((row) => [row[1], row[0]])), { padding: [48, 48] }); map.getContainer().focus({ preventScroll: true }); };
    marker.on("click", open).on("keypress", (event) => event.originalEvent.key === "Enter" && open());
  } else {
    marker.bindPopup(told(element, heads, rows), { maxHeight: 220, maxWidth: 260, minWidth: 160 });
  }
  return marker;
}

// The map itself, the same for points and for areas.
function opened(element) {
  element.hidden = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || document.documentElement.classList.contains("contrast");
  const map = L.map(element, { attributionControl: false, zoomControl: false, scrollWheelZoom: false, maxZoom: 18, minZoom: 2, zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still });
  L.control.zoom({ zoomInTitle: element.dataset.in, zoomOutTitle: element.dataset.out, position: "topright" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  map.setView([35, 105], 4);
  net(map);
  map.on("popupopen", ({ popup }) => popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", element.dataset.close));
  // Leaflet hears Escape only while the map itself has the focus, not a mark or an area of it
  element.addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());
  return map;
}

// The table of rows is filtered without leaving the page: the map follows it.
function follow(read) {
  let asked = location.search;
  const look = () => {
    if (asked === location.search) return;
    asked = location.search;
    read();
  };
  const preview = document.getElementById("preview");
  if (preview) new MutationObserver(() => setTimeout(look)).observe(preview.parentElement, { childList: true, subtree: true });
  addEventListener("popstate", look);
}

async function fetched(element, address, note) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    note.textContent = found.note;
    return found;
  } catch {
    note.textContent = element.dataset.failed;
    return null;
  }
}

function pairs(entries) {
  const list = document.createElement("dl");
  list.lang = "zh-CN";
  entries.forEach(([head, value]) => {
    list.appendChild(document.createElement("dt")).textContent = head;
    list.appendChild(document.createElement("dd")).textContent = value;
  });
  return list;
}

// Regions, darker where the figure is greater. Each is a button to a keyboard: Enter or space tells of it, as a click does.
function areas(element) {
  const section = element.closest("section");
  const [note, legend, form] = ["[data-map-note]", "[data-legend]", "[data-areas-form]"].map((one) => section.querySelector(one));
  const map = opened(element);
  const shapes = L.geoJSON(null, {
    style: ({ properties: one }) => ({ className: `area shade-${one.class}`, weight: 1 }),
    onEachFeature: ({ properties: one }, layer) => {
      layer.bindPopup(pairs([...one.facts]), { maxWidth: 260, minWidth: 140 });
      layer.on("add", () => {
        const path = layer.getElement();
        path.setAttribute("tabindex", "0");
        path.setAttribute("role", "button");
        path.setAttribute("aria-label", `${one.name} ${one.value || element.dataset.none}`);
        path.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          layer.openPopup();
        });
      });
    },
  }).addTo(map);
  map.on("popupclose", ({ popup }) => popup._source?.getElement?.()?.focus({ preventScroll: true }));
  const read = async () => {
    const asked = new URLSearchParams(location.search);
    for (const name of ["measure", "level"]) asked.set(name, form.elements[name].value);
    const found = await fetched(element, `${element.dataset.areas}?${asked}`, note);
    map.closePopup();
    shapes.clearLayers();
    legend.replaceChildren();
    if (!found) return;
    for (const one of found.regions) {
      const facts = [[one.code, one.name], [found.measure, one.value || element.dataset.none]];
      if (form.elements.measure.value) facts.push([element.dataset.rows, one.rows]);
      shapes.addData({ type: "Feature", geometry: one.shape, properties: { ...one, facts } });
    }
    for (const [place, text] of found.legend.entries()) {
      const line = legend.appendChild(document.createElement("li"));
      line.appendChild(document.createElement("span")).className = `swatch shade-${place + 1}`;
      line.append(` ${text}`);
    }
    const levels = form.elements.level;
    const chosen = levels.value;
    levels.replaceChildren(levels.options[0], ...found.levels.map(([code, label]) => new Option(label, code)));
    levels.value = chosen;
    if (found.regions.length) map.fitBounds(shapes.getBounds(), { padding: [16, 16], animate: false });
    element.dataset.regions = found.regions.length;
  };
  read();
  form.addEventListener("change", read);
  follow(read);
}

function points(element) {
  const note = document.querySelector("[data-map-note]");
  const map = opened(element);
  const marks = L.layerGroup().addTo(map);
  let [heads, rows, shownAt] = [[], [], ""];
  const drawn = () => {
    // a popup moves the map a little to be seen whole; its mark must not go away under it
    const here = `${map.getZoom()} ${rows.length}`;
    if (element.querySelector(".leaflet-popup") && here === shownAt) return;
    shownAt = here;
    marks.clearLayers();
    gathered(map, rows).forEach((group) => marks.addLayer(mark(map, element, heads, group)));
  };
  map.on("moveend", drawn);
  const read = async () => {
    const found = await fetched(element, element.dataset.map + location.search, note);
    [heads, rows] = found ? [found.heads, found.points] : [[], []];
    map.closePopup();
    if (rows.length) map.fitBounds(L.latLngBounds(rows.map((row) => [row[1], row[0]])), { padding: [32, 32], maxZoom: 13, animate: false });
    drawn();
    element.dataset.points = rows.length;
  };
  read();
  follow(read);
}

document.querySelectorAll("[data-map]").forEach(points);
document.querySelectorAll("[data-areas]").forEach(areas);

// Elements from a tag, properties and children; icons; nothing else.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `on…` props are listeners, true/false attributes are set or left out, children may be nested or null. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "srcObject") element[name] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Put `wanted` as the children, touching only what differs: playing media and focus stay. */
export function replace(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, i) => {
    if (parent.childNodes[i] !== child) parent.insertBefore(child, parent.childNodes[i] ?? null);
  });
}

const PATHS = {
  back: "M15 5l-7 7 7 7",
  plus: "M12 5v14M5 12h14",
  clip: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.6 8.6a1.8 1.8 0 0 1-2.5-2.5L14 7.5",
  send: "M4 12l16-8-5 17-4-7-7-2zM11 14l9-10",
  mic: "M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  close: "M6 6l12 12M18 6L6 18",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01",
  album: "M7 4h13v12H7zM4 8v12h12M9 14l3-3 2 2 2-2 2 2",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  place: "M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.500C5 14.8 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.6-6 8-6s8 2 8 6",
  sticker: "M4 4h16v9l-7 7H4zM13 20v-7h7M8.5 9h.01M14 9h.01M8.5 12.500c1.5 1.2 3 1.2 4.5 0",
  reply: "M10 6l-6 6 6 6M4 12h10a6 6 0 0 1 6 6",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  bin: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  beside: "M4 5h7v14H4zM15 12h6M18 9v6",
  down: "M12 5v14M6 13l6 6 6-6",
  up: "M12 19V5M6 11l6-6 6 6",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  offline: "M4 4l16 16M8 8.500a9 9 0 0 0-3 2M16.500 11.500a9 9 0 0 0-4-2.500M9 14.500a5 5 0 0 1 5 .5M12 19h.01",
  warn: "M12 4l9 16H3zM12 10v4M12 17h.01",
  crowd: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2 20c0-4 3-6 7-6s7 2 7 6M16 4.500a3.500 3.500 0 0 1 0 6.500M19 14.500c2 .9 3 2.800 3 5.500",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l12 7-12 7z",
  stop: "M6 6h12v12H6z",
  open: "M9 6l6 6-6 6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  mail: "M3 6h18v12H3zM3 7l9 7 9-7",
};

/** A line icon; it says nothing by itself, so its button needs a name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", PATHS[name]);
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", fill: "none", stroke: "currentColor" })) svg.setAttribute(key, value);
  svg.setAttribute("stroke-width", name === "more" ? "3" : "1.8");
  svg.setAttribute("stroke-linecap", "round");
  svg.setAttribute("stroke-linejoin", "round");
  svg.setAttribute("aria-hidden", "true");
  svg.append(shape);
  return svg;
}

/** One tick, two ticks or a clock. */
export function tickMark(state) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 12");
  svg.setAttribute("aria-hidden", "true");
  const paths = { waiting: "M8 1a5 5 0 1 0 0 10A5 5 0 0 0 8 1zM8 3.500V6l2 1.2", sent: "M4 6.500l3 3 5.5-7" };
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", paths[state] ?? "M1 6.500l3 3L9.5 2.500M7 9.500l.8.5L14 2.5");
  shape.setAttribute("fill", "none");
  shape.setAttribute("stroke", "currentColor");
  shape.setAttribute("stroke-width", "1.5");
  shape.setAttribute("stroke-linecap", "round");
  svg.append(shape);
  return svg;
}

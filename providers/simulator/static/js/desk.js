// The phones side by side: which are there, how many the screen has room for, and what is remembered of them.

import { h } from "./dom.js";
import { Hold } from "./hold.js";
import { changed, state, subscribe } from "./store.js";
import { thread } from "./thread.js";

const MOST = 4;
const PLACE = 330; // pixels that a phone needs
const PEOPLE = 300;
const NARROW = 720;
const KEY = "simulator.phones";
let uses = 0;

export const room = () => (innerWidth < NARROW ? 1 : Math.max(1, Math.min(MOST, Math.floor((innerWidth - PEOPLE) / PLACE))));
export const holdOf = (wa_id) => state.holds.find((hold) => hold.wa_id === wa_id) ?? null;

/** Hold this customer's phone: where it already is, else in the active phone, else beside the others. */
export function open(wa_id, { number, beside = false } = {}) {
  const known = holdOf(wa_id);
  const hold = known ?? (beside && state.active?.wa_id ? add() : (state.holds.find((one) => !one.wa_id) ?? state.active ?? add()));
  state.view = "thread";
  use(hold);
  if (!known || (number && number !== hold.number)) hold.choose(wa_id, number ?? hold.number ?? state.active?.number);
  if (location.hash !== address(hold)) history.pushState(null, "", address(hold));
  changed("desk");
  changed("people");
  hold.changed("taken");
}

/** One more phone, empty; beyond the most the one that was used longest ago makes room. */
export function add() {
  if (state.holds.length >= MOST) close([...state.holds].sort((a, b) => a.used - b.used)[0]);
  const hold = new Hold();
  hold.subscribe((what) => what === "chosen" && remember());
  state.holds.splice(state.holds.indexOf(state.active) + 1 || state.holds.length, 0, hold);
  use(hold);
  return hold;
}

export function close(hold) {
  hold.changed("closed");
  state.holds = state.holds.filter((one) => one !== hold);
  if (!state.holds.length) add();
  if (state.active === hold) use([...state.holds].sort((a, b) => b.used - a.used)[0]);
  history.replaceState(null, "", address(state.active));
  remember();
  changed("desk");
  changed("people");
}

/** This phone is the one that is used now. */
export function use(hold) {
  hold.used = ++uses;
  if (state.active === hold) return;
  state.active = hold;
  if (state.view === "thread" && hold.wa_id && location.hash) history.replaceState(null, "", address(hold));
  changed("desk");
  changed("people");
}

/** Back to the customers, on a screen with one column. */
export function leave() {
  state.view = "people";
  history.pushState(null, "", "#");
  changed("desk");
  changed("people");
}

/** The phones of the last time, and the one that the address names. */
export function restore() {
  for (const [wa_id, number] of remembered().slice(-MOST)) {
    const hold = add();
    hold.choose(wa_id, number);
  }
  if (!state.holds.length) add();
  fromAddress({ beside: room() > 1 });
}

/** Follow the address: after going back and forth. */
export function fromAddress({ beside = false } = {}) {
  const [wa_id, number] = location.hash.slice(1).split("/");
  if (!wa_id) {
    state.view = "people";
    changed("desk");
    changed("people");
  } else open(wa_id, { number: number || undefined, beside });
}

/** The element with the phones. */
export function desk() {
  const element = h("div", { class: "desk" });
  const shown = new Map(); // hold → its element
  const draw = () => {
    const seen = new Set([...state.holds].sort((a, b) => b.used - a.used).slice(0, room()));
    for (const hold of shown.keys()) if (!state.holds.includes(hold)) (shown.get(hold).remove(), shown.delete(hold));
    state.holds.forEach((hold, i) => {
      if (!shown.has(hold)) shown.set(hold, thread(hold));
      const one = shown.get(hold);
      if (element.children[i] !== one) element.insertBefore(one, element.children[i] ?? null);
      hold.seen = seen.has(hold) && (innerWidth >= NARROW || state.view === "thread");
      one.hidden = !seen.has(hold);
      one.toggleAttribute("data-active", hold === state.active);
      if (hold.seen && !document.hidden) state.unread.delete(hold.wa_id);
    });
    element.dataset.count = seen.size;
  };
  subscribe((what) => what === "desk" && draw());
  addEventListener("resize", () => changed("desk"));
  return element;
}

const address = (hold) => (hold.wa_id ? `#${hold.wa_id}/${hold.number ?? ""}` : "#");

function remember() {
  const held = state.holds.filter((hold) => hold.wa_id).map((hold) => [hold.wa_id, hold.number]);
  try {
    localStorage.setItem(KEY, JSON.stringify(held));
  } catch {
    // A browser that keeps nothing forgets the phones; they can be opened again.
  }
}

function remembered() {
  try {
    const held = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return held.filter((one) => Array.isArray(one) && /^\d{7,15}$/.test(one[0]));
  } catch {
    return [];
  }
}

// What the page knows of the whole world, and who wants to hear of changes; a chat's messages are in its hold.

import { get } from "./wire.js";

const HIDDEN = new Set(["reaction", "edit", "revoke"]);
const ON_ITS_WAY = new Set(["accepted", "sent", "failed"]); // of the business's messages: not on the phone
const listeners = new Set();

export const state = {
  ready: false,
  connected: false,
  numbers: [],
  phones: new Map(), // wa_id → phone
  last: new Map(), // wa_id → last shown message
  unread: new Map(), // wa_id → count since the page opened
  holds: [], // the phones side by side, in their order on the screen
  active: null, // the hold that was used last
  view: "people", // which column a narrow screen shows: people or thread
  crowd: null, // the crowd's status, and when it came
};

/** Be told what changed: "people", "desk", "connection", "crowd". */
export const subscribe = (listener) => listeners.add(listener);
export const changed = (what) => listeners.forEach((listener) => listener(what));

export const isShown = (message) =>
  !HIDDEN.has(message.type) && (message.author === "customer" || !ON_ITS_WAY.has(message.state));

/** Run `draw` in the next frame, once however often it is asked for. */
export function eachFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/** Read everything anew: at the start, and after the connection was lost. */
export async function refresh() {
  const [numbers, phones, crowd] = await Promise.all([get("numbers"), get("phones?limit=2000"), get("crowd")]);
  state.numbers = numbers;
  state.phones = new Map(phones.map(({ last, ...phone }) => [phone.wa_id, phone]));
  for (const { wa_id, last } of phones) {
    const newest = Object.values(last).sort((a, b) => b.at - a.at)[0];
    if (newest) state.last.set(wa_id, newest);
  }
  state.ready = true;
  takeCrowd(crowd);
  await Promise.all(state.holds.map((hold) => hold.read()));
  changed("people");
  changed("desk");
}

export function takeCrowd(status) {
  state.crowd = { ...status, came_at: performance.now() };
  changed("crowd");
}

/** Take an event from the socket. */
export function take({ type, value }) {
  if (type === "message") takeMessage(value);
  else if (type === "crowd") takeCrowd(value);
  else if (type === "number") refresh();
  else if (type === "phone") {
    state.phones.set(value.wa_id, value);
    changed("people");
    of(value.wa_id)?.changed("chat");
  } else if (type === "typing") {
    const hold = of(value.wa_id);
    if (hold?.number === value.phone_number_id) hold.takeTyping(value.until);
  }
}

const of = (wa_id) => state.holds.find((hold) => hold.wa_id === wa_id);

function takeMessage(message) {
  if (!isShown(message)) return;
  const hold = of(message.wa_id);
  const here = hold?.number === message.phone_number_id;
  const newest = state.last.get(message.wa_id);
  const fresh = !newest || message.at > newest.at || (message.at === newest.at && message.id !== newest.id);
  if (fresh || newest.id === message.id) state.last.set(message.wa_id, message);
  if (fresh && message.author === "business" && !(here && hold.seen && !document.hidden)) {
    state.unread.set(message.wa_id, (state.unread.get(message.wa_id) ?? 0) + 1);
  }
  if (message.author === "business" && ["read", "played"].includes(message.state)) state.unread.delete(message.wa_id);
  changed("people");
  if (here) hold.takeMessage(message);
}

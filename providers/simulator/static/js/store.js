// What the page knows, and who wants to hear of changes.

import { get, post } from "./wire.js";

const HIDDEN = new Set(["reaction", "edit", "revoke"]);
const listeners = new Set();

export const state = {
  ready: false,
  connected: false,
  numbers: [],
  phones: new Map(), // wa_id → phone
  last: new Map(), // wa_id → last shown message
  unread: new Map(), // wa_id → count since the page opened
  messages: new Map(), // id → message of the open chat, in order
  typingUntil: 0,
  wa_id: null,
  number: null,
  refusal: null,
};

/** Be told what changed: "people", "chat", "typing", "connection". */
export const subscribe = (listener) => listeners.add(listener);
export const changed = (what) => listeners.forEach((listener) => listener(what));

export const phone = () => state.phones.get(state.wa_id) ?? null;
export const business = () => state.numbers.find((number) => number.phone_number_id === state.number) ?? null;
export const isShown = (message) => !HIDDEN.has(message.type);

/** Read everything anew: at the start, and after the connection was lost. */
export async function refresh() {
  const [numbers, phones] = await Promise.all([get("numbers"), get("phones")]);
  state.numbers = numbers;
  if (!business()) state.number = numbers[0]?.phone_number_id ?? null;
  state.phones = new Map(phones.map(({ last, ...phone }) => [phone.wa_id, phone]));
  for (const { wa_id, last } of phones) {
    const newest = Object.values(last).sort((a, b) => b.at - a.at)[0];
    if (newest) state.last.set(wa_id, newest);
  }
  state.ready = true;
  await readChat();
  changed("people");
}

/** Hold this customer's phone; `number` is the business number to write to. */
export async function choose(wa_id, number = state.number) {
  state.wa_id = wa_id;
  state.number = number;
  state.unread.delete(wa_id);
  state.refusal = null;
  state.messages = new Map();
  state.typingUntil = 0;
  const next = wa_id ? `#${wa_id}/${number ?? ""}` : "#";
  if (location.hash !== next) history.pushState(null, "", next);
  changed("people");
  changed("chosen");
  await readChat();
}

let reading = null; // the messages that the socket brings while the chat is read: they are newer than the answer

async function readChat() {
  const { wa_id, number } = state;
  reading = null;
  if (!wa_id || !number) return changed("chat");
  const early = (reading = []);
  const chat = await get(`phones/${wa_id}/chats/${number}`);
  if (reading !== early) return; // another reading has begun since
  reading = null;
  state.messages = new Map([...chat.messages.filter(isShown), ...early].map((message) => [message.id, message]));
  state.typingUntil = chat.typing_until ?? 0;
  changed("chat");
}

/** Do something as the customer; a refusal is shown in the chat and thrown on. */
export async function act(path, body) {
  try {
    state.refusal = null;
    return await post(`phones/${state.wa_id}/${path}`, body);
  } catch (error) {
    state.refusal = error.message;
    changed("chat");
    throw error;
  }
}

/** Write as the customer to the chosen number. */
export const write = (type, content, more = {}) =>
  act("messages", { phone_number_id: state.number, type, [type]: content, ...more });

/** Take an event from the socket. */
export function take({ type, value }) {
  if (type === "message") takeMessage(value);
  else if (type === "phone") {
    state.phones.set(value.wa_id, value);
    changed("people");
    if (value.wa_id === state.wa_id) changed("chat");
  } else if (type === "typing" && value.wa_id === state.wa_id && value.phone_number_id === state.number) {
    state.typingUntil = value.until;
    changed("typing");
  } else if (type === "number") refresh();
}

function takeMessage(message) {
  if (!isShown(message)) return;
  const here = message.wa_id === state.wa_id && message.phone_number_id === state.number;
  const newest = state.last.get(message.wa_id);
  const fresh = !newest || message.at > newest.at || (message.at === newest.at && message.id !== newest.id);
  if (fresh || newest.id === message.id) state.last.set(message.wa_id, message);
  if (fresh && message.author === "business" && !(here && !document.hidden)) {
    state.unread.set(message.wa_id, (state.unread.get(message.wa_id) ?? 0) + 1);
  }
  changed("people");
  if (!here) return;
  if (message.author === "business") state.typingUntil = 0;
  state.messages.set(message.id, message);
  reading?.push(message);
  changed("chat");
}

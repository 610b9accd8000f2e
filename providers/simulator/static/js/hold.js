// A phone in the hand: one customer, one business number, and the chat between them.

import { isShown, state } from "./store.js";
import { get, post } from "./wire.js";

export class Hold {
  wa_id = null;
  number = null;
  messages = new Map(); // id → message of the chat, in order
  typingUntil = 0;
  refusal = null;
  seen = false; // on the screen
  used = 0;
  #listeners = new Set();
  #reading = null; // the messages that the socket brings while the chat is read: they are newer than the answer

  /** Be told what changed: "chosen", "chat", "typing". */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  changed(what) {
    this.#listeners.forEach((listener) => listener(what));
  }

  get phone() {
    return state.phones.get(this.wa_id) ?? null;
  }

  get business() {
    return state.numbers.find((number) => number.phone_number_id === this.number) ?? null;
  }

  /** Take this customer's phone; `number` is the business number to write to. */
  async choose(wa_id, number = this.number) {
    this.wa_id = wa_id;
    this.number = number;
    this.refusal = null;
    this.messages = new Map();
    this.typingUntil = 0;
    this.changed("chosen");
    await this.read();
  }

  async read() {
    if (!this.business) this.number = state.numbers[0]?.phone_number_id ?? null;
    const { wa_id, number } = this;
    this.#reading = null;
    if (!wa_id || !number) return this.changed("chat");
    const early = (this.#reading = []);
    const chat = await get(`phones/${wa_id}/chats/${number}`);
    if (this.#reading !== early) return; // another reading has begun since
    this.#reading = null;
    this.messages = new Map([...chat.messages.filter(isShown), ...early].map((message) => [message.id, message]));
    this.typingUntil = chat.typing_until ?? 0;
    this.changed("chat");
  }

  /** Do something as the customer; a refusal is shown in the chat and thrown on. */
  async act(path, body) {
    try {
      this.refusal = null;
      return await post(`phones/${this.wa_id}/${path}`, body);
    } catch (error) {
      this.refuse(error);
      throw error;
    }
  }

  /** Write as the customer to the chosen number. */
  write(type, content, more = {}) {
    return this.act("messages", { phone_number_id: this.number, type, [type]: content, ...more });
  }

  /** Wait for an act whose refusal needs no more than to be shown; false when it was refused. */
  async quietly(act) {
    try {
      await act;
      return true;
    } catch (error) {
      if (!this.refusal) this.refuse(error);
      return false;
    }
  }

  refuse(error) {
    this.refusal = error.message;
    this.changed("chat");
  }

  takeMessage(message) {
    if (message.author === "business") this.typingUntil = 0;
    this.messages.set(message.id, message);
    this.#reading?.push(message);
    this.changed("chat");
  }

  takeTyping(until) {
    this.typingUntil = until;
    this.changed("typing");
  }
}

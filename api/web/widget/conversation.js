/* Keeps the thread true by live events, pages and resumption, and shares it with other tabs. */
import { signal } from './state.js';

const PAGE = 30;
const POLL = 8_000; // ms between looks while there is no live connection
const TYPING_ENDS = 6_000;

export class Conversation {
  id = signal(null);
  typing = signal(null); // {name} of the agent who is typing
  loading = signal(false);
  loadingBefore = signal(false);
  failedBefore = signal(false);
  #waiting = null; // live events held back while a page is on its way
  #page = null;
  #poll = 0;
  #typingEnds = 0;
  #saving = 0;

  constructor({ rest, call, wire, keep, thread, onMessage }) {
    Object.assign(this, { rest, call, wire, keep, thread, onMessage });
    const kept = keep.get('thread');
    if (kept?.id) {
      this.id.value = kept.id;
      thread.restore(kept);
    }
    keep.watch('thread', (given) => this.#fromOtherTab(given));
  }

  /** Takes the conversation that the server names; null while there is none. */
  adopt(id) {
    if (id === this.id.value) return;
    this.thread.clear();
    this.id.value = id;
    if (!id) {
      this.keep.remove('thread');
      return;
    }
    this.#subscribe();
    this.#load(); // beside the socket, not after it
  }

  /** Takes the answer to our own message. */
  confirm({ message, conversation_id }) {
    if (!this.id.value) {
      this.id.value = conversation_id;
      this.#subscribe();
    }
    this.thread.merge(message);
    this.#save();
  }

  onState(state) {
    if (state === 'lost') {
      this.typing.value = null;
      this.#poll ||= setInterval(() => this.id.value && navigator.onLine && this.#load(), POLL);
    } else if (state !== 'connecting') {
      clearInterval(this.#poll);
      this.#poll = 0;
    }
  }

  onWelcome() {
    if (this.id.value) this.#subscribe();
  }

  onFrame(frame) {
    const mine = frame.id ?? frame.c;
    if (mine && mine !== this.id.value) return;
    const heard = {
      event: () => this.#event(frame),
      subscribed: () => this.#subscribed(frame),
      beat: () => this.#compare(frame.heads?.[this.id.value]),
      typing: () => this.#agentTypes(frame),
      reset: () => this.#subscribe({ anew: true }),
      gone: () => this.adopt(null),
    };
    heard[frame.t]?.();
  }

  async loadBefore() {
    const first = this.thread.messages.value[0];
    if (!first || this.loadingBefore.value || !this.thread.hasBefore.value) return;
    this.loadingBefore.value = true;
    this.failedBefore.value = false;
    try {
      this.thread.takeBefore(await this.call(() => this.rest.messages({ before: first.seq, limit: PAGE })));
    } catch {
      this.failedBefore.value = true;
    } finally {
      this.loadingBefore.value = false;
    }
  }

  #subscribe({ anew = false } = {}) {
    const { head, epoch } = this.thread;
    const from = anew || head === null ? {} : { from: head, epoch };
    this.#waiting ??= [];
    this.wire.send({ t: 'subscribe', topic: 'conversation', id: this.id.value, ...from });
  }

  async #subscribed({ mode, head }) {
    if (mode === 'reset') {
      this.thread.stale.value = this.thread.messages.value.length > 0;
      this.thread.head = null;
      await this.#page; // a page on its way may reach far enough
      if (this.thread.head === null || this.thread.head < head) this.#load();
      return;
    }
    this.thread.stale.value = false;
    this.#release();
  }

  #event(event) {
    if (this.#waiting) {
      this.#waiting.push(event);
      return;
    }
    const outcome = this.thread.apply(event);
    if (outcome === 'gap') this.#subscribe();
    if (outcome !== 'applied') return;
    this.#saveSoon();
    this.#tell(event);
  }

  #release() {
    const held = this.#waiting ?? [];
    this.#waiting = null;
    for (const event of held) this.#event(event);
  }

  #tell(event) {
    const message = event.d?.message;
    if (!message || !['message.received', 'message.sent'].includes(event.e)) return;
    if (message.author !== 'customer') this.typing.value = null;
    this.onMessage(message);
  }

  #compare(head) {
    if (head > (this.thread.head ?? 0) && !this.#waiting) this.#subscribe();
  }

  #load() {
    this.#page ??= this.#fetch().finally(() => (this.#page = null));
    return this.#page;
  }

  async #fetch() {
    const id = this.id.value;
    this.loading.value = true;
    try {
      const page = await this.call(() => this.rest.messages({ limit: PAGE }));
      if (id !== this.id.value) return;
      const known = new Set(this.thread.messages.value.map((it) => it.id));
      const last = this.thread.messages.value.at(-1)?.seq;
      this.thread.take(page);
      this.#saveSoon();
      for (const it of page.results) if (it.seq > last && !known.has(it.id)) this.onMessage(it);
      this.#release();
    } catch {
      if (this.wire.state === 'live') setTimeout(() => this.wire.state === 'live' && this.#load(), 2_000);
    } finally {
      this.loading.value = false;
    }
  }

  #agentTypes({ who, on }) {
    if (who?.kind !== 'agent') return;
    clearTimeout(this.#typingEnds);
    this.typing.value = on ? { name: who.name } : null;
    if (on) this.#typingEnds = setTimeout(() => (this.typing.value = null), TYPING_ENDS);
  }

  // Its messages are taken, its place in the numbering is not: our own resume stays gap-free.
  #fromOtherTab(given) {
    if (!given?.id) return;
    if (!this.id.value) this.adopt(given.id);
    if (given.id === this.id.value) for (const message of given.messages) this.thread.merge(message);
  }

  #saveSoon() {
    this.#saving ||= setTimeout(() => this.#save(), 200);
  }

  #save() {
    clearTimeout(this.#saving);
    this.#saving = 0;
    const kept = this.keep.get('thread');
    const ahead = kept?.id === this.id.value && kept.epoch === this.thread.epoch && kept.head > this.thread.head;
    if (this.id.value && !ahead) this.keep.set('thread', { id: this.id.value, ...this.thread.dump() });
  }
}

/* The thread as this tab knows it: messages in order, and the number up to which nothing is missing. */
import { signal } from './state.js';

const ORDER = ['queued', 'uncertain', 'sending', 'failed', 'received', 'sent', 'delivered', 'read'];
const KEPT = 40; // messages kept on the device

/** `head` is the sequence number up to which every event was applied, null before the first page; `epoch` names the numbering. */
export class Thread {
  messages = signal([]);
  hasBefore = signal(false);
  stale = signal(false);
  head = null;
  epoch = null;

  /** Takes a fresh page as the truth; what is newer stays. */
  take(page) {
    const newer = this.messages.value.filter((it) => it.seq > page.head_seq);
    this.messages.value = ordered([...page.results, ...newer]);
    this.hasBefore.value = page.has_before;
    this.stale.value = false;
    this.head = page.head_seq;
    this.epoch = page.epoch;
  }

  takeBefore(page) {
    this.messages.value = ordered([...page.results, ...this.messages.value]);
    this.hasBefore.value = page.has_before;
  }

  /** Applies one live event; "gap": something before it is missing, and nothing was changed. */
  apply(event) {
    if (this.head === null || event.s > this.head + 1) return 'gap';
    if (event.s <= this.head) return 'old';
    this.head = event.s;
    if (event.e === 'message.delivery') this.#deliver(event.d);
    else if (event.d?.message) this.merge(event.d.message);
    return 'applied';
  }

  /** Adds a message or brings the known one forward; never backward. */
  merge(message) {
    if (message.note || hidden(message)) return;
    const known = this.messages.value.find((it) => it.id === message.id);
    const next = known ? newest(known, message) : message;
    this.messages.value = ordered([...this.messages.value.filter((it) => it.id !== message.id), next]);
  }

  clear() {
    this.messages.value = [];
    this.hasBefore.value = this.stale.value = false;
    this.head = this.epoch = null;
  }

  /** For the device: enough to show the end of the thread at once and to resume. */
  dump() {
    const messages = this.messages.value.slice(-KEPT);
    const cut = messages.length < this.messages.value.length;
    return { messages, head: this.head, epoch: this.epoch, hasBefore: cut || this.hasBefore.value };
  }

  restore(kept) {
    this.messages.value = ordered(kept.messages ?? []);
    this.hasBefore.value = Boolean(kept.hasBefore);
    this.stale.value = this.messages.value.length > 0;
    this.head = kept.head ?? null;
    this.epoch = kept.epoch ?? null;
  }

  #deliver({ message_id, state, at, error }) {
    this.messages.value = this.messages.value.map((it) =>
      it.id === message_id ? newest(it, { ...it, state, state_at: at, error }) : it,
    );
  }
}

function hidden(message) {
  return message.kind === 'system' && !['closed', 'reopened', 'rated'].includes(message.content?.event);
}

function newest(known, given) {
  const ahead = ORDER.indexOf(given.state) >= ORDER.indexOf(known.state) ? given : known;
  const text = (known.edited_at ?? '') > (given.edited_at ?? '') || (known.deleted_at && !given.deleted_at) ? known : given;
  return { ...text, state: ahead.state, state_at: ahead.state_at, error: ahead.error };
}

/** By number; what stands before a message that was read has been read too. */
function ordered(messages) {
  const byId = new Map();
  for (const it of messages) if (!hidden(it)) byId.set(it.id, byId.has(it.id) ? newest(byId.get(it.id), it) : it);
  const list = [...byId.values()].sort((a, b) => a.seq - b.seq);
  const readTo = list.findLast((it) => it.author === 'customer' && it.state === 'read')?.seq ?? 0;
  return list.map((it) => (it.author === 'customer' && it.state === 'received' && it.seq < readTo ? { ...it, state: 'read' } : it));
}

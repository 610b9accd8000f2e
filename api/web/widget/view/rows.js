/* Messages and what waits to be sent as rows: day marks, system lines, grouped bubbles. */

const TOGETHER = 5 * 60_000; // ms between messages of one group

/** An own message is keyed by the id that the browser gave it: one element from the key press to the read tick. */
export function rowsOf(messages, entries) {
  const confirmed = new Set(messages.map((it) => it.client_id).filter(Boolean));
  const waiting = entries.filter((it) => !confirmed.has(it.client_id)).map(fromEntry);
  const rows = [];
  let previous = null;
  for (const message of [...messages, ...waiting]) {
    const sameDay = previous && dayOf(previous) === dayOf(message);
    if (!sameDay) rows.push({ type: 'day', key: `day ${dayOf(message)}`, at: message.created_at });
    if (message.kind === 'system') {
      rows.push({ type: 'system', key: message.id, message });
    } else {
      const own = message.author === 'customer';
      const first = !sameDay || !together(previous, message);
      if (!first) rows.at(-1).last = false;
      rows.push({ type: 'message', key: (own && message.client_id) || message.id, message, own, first, last: true });
    }
    previous = message;
  }
  return rows;
}

function fromEntry(entry) {
  const { client_id, text, attachments, created_at, state, detail } = entry;
  const kind = attachments.length ? 'document' : 'text';
  return { client_id, author: 'customer', kind, text, attachments, created_at, state, detail, reactions: [] };
}

function together(one, other) {
  return (
    one.kind !== 'system' &&
    one.author === other.author &&
    one.author_name === (other.author === 'customer' ? one.author_name : other.author_name) &&
    one.state !== 'refused' &&
    Math.abs(new Date(other.created_at) - new Date(one.created_at)) < TOGETHER
  );
}

function dayOf(message) {
  return new Date(message.created_at).toDateString();
}

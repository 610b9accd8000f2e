// Where the visitor of a web chat is now: from the conversation's detail, kept true by live frames.
import { signal } from '../../vendor/signals.js';
import { on } from '../core/wire.js';
import { onLeave } from './session.js';
import { onDetail } from './threads.js';

/** conversation id -> {online, page: {url, title} | null, since, first_seen_at, locale, visits} */
export const visitors = signal(new Map());

function learn(id, facts) {
  visitors.value = new Map(visitors.peek()).set(id, { ...visitors.peek().get(id), ...facts });
}

onDetail((detail) => { if (detail.visitor) learn(detail.id, detail.visitor); });
on('visitor', ({ id, online, page, since }) => learn(id, { online, page, since }));

onLeave(() => { visitors.value = new Map(); });

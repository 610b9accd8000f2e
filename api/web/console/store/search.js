// Search over the whole history: conversations by name, number or tag, and the messages that hold the words.
import { batch, effect, signal } from '../../vendor/signals.js';
import { get, Problem } from '../core/api.js';
import { asked, narrowing, searchText } from './filters.js';
import { mergeRow } from './rows.js';
import { onLeave, status } from './session.js';
import { fold, foldedWords } from './words.js';

const ROWS = 25;
const HITS = 50;
const NOTHING = { state: 'idle', open: [], closed: [], hits: [], problem: null, more: false };

/** {state: idle|loading|ready|failed, open: ids, closed: ids, hits: [{conversation_id, contact, message, snippet}], problem, more}. */
export const found = signal(NOTHING);

let turn = 0;

/** Asks for all groups at once; what was found before stays until the answer is here. */
export async function search() {
  const q = searchText.peek();
  const mine = turn += 1;
  if (!q) { found.value = NOTHING; return; }
  found.value = { ...found.peek(), state: 'loading', problem: null };
  try {
    const { sort, status: only, ...filters } = asked();
    const rows = (wanted) => (only && only !== wanted ? { results: [] }
      // This view has no condition but its status, which gives way to the one asked for; so snoozed ones are found too.
      : get('/conversations', { ...filters, view: 'closed', status: wanted, search: q, limit: ROWS }));
    const [open, closed, all] = await Promise.all([rows('open'), rows('closed'), get('/search', { q, limit: HITS })]);
    if (mine === turn) take(q, open, closed, all);
  } catch (problem) {
    if (mine !== turn || !(problem instanceof Problem)) return;
    found.value = { ...NOTHING, state: 'failed', problem };
  }
}

function take(q, open, closed, all) {
  const seen = new Set(all.messages.map((hit) => hit.conversation_id));
  // Found only for its words, and these are listed below with their place.
  const ids = ({ results }) => results.filter((row) => isNamed(row, q) || !seen.has(row.id)).map((row) => row.id);
  batch(() => {
    for (const row of [...open.results, ...closed.results]) mergeRow(row);
    found.value = { state: 'ready', open: ids(open), closed: ids(closed), hits: all.messages, problem: null,
      more: Boolean(open.next_cursor || closed.next_cursor) };
  });
}

function isNamed(row, q) {
  const words = foldedWords(q);
  const text = fold([row.contact.name, row.contact.handle, ...row.tags.map((tag) => tag.name)].join(' '));
  const digits = text.replace(/\D/g, '');
  return words.every((word) => text.includes(word) || (/^\d{3,}$/.test(word) && digits.includes(word)));
}

let key = null;
effect(() => {
  const next = status.value === 'in' ? JSON.stringify([searchText.value, narrowing.value]) : null;
  if (next === key) return;
  key = next;
  search();
});

onLeave(() => { found.value = NOTHING; });

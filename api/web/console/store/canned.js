// Canned responses: fetched when first asked for, found by shortcut, title or words, filled in by the server.
import { signal } from '../../vendor/signals.js';
import { get } from '../core/api.js';
import { onLeave } from './session.js';

const FRESH = 60_000;
const MOST = 500;

/** [{id, shortcut, title, body, scope}] or null while not known. */
export const canned = signal(null);

let asked = 0;

/** Fetches the list unless it was fetched within the last minute. Throws Problem. */
export async function loadCanned() {
  if (Date.now() - asked < FRESH) return;
  asked = Date.now();
  try {
    const found = [];
    for (let page = 1; found.length < MOST; page += 1) {
      const answer = await get('/canned-responses', { page, page_size: 100 });
      found.push(...answer.results);
      if (!answer.next || answer.results.length === 0) break;
    }
    canned.value = found;
  } catch (problem) {
    asked = 0;
    throw problem;
  }
}

/** What was typed after the slash finds the shortcut first, then titles, then words inside. */
export function findCanned(list, words) {
  const wanted = plain(words);
  const rank = (one) => {
    if (plain(one.shortcut).startsWith(wanted)) return 0;
    if (plain(one.title).includes(wanted)) return 1;
    return plain(one.body).includes(wanted) || plain(one.shortcut).includes(wanted) ? 2 : 3;
  };
  return list.map((one) => [rank(one), one]).filter(([place]) => place < 3)
    .sort((one, two) => one[0] - two[0] || one[1].shortcut.localeCompare(two[1].shortcut)).map(([, one]) => one);
}

/** The text with its variables filled for a conversation. Throws Problem. */
export async function fillCanned(id, conversationId) {
  const { text } = await get(`/canned-responses/${id}/text`, { conversation_id: conversationId });
  return text;
}

function plain(text) { return text.toLocaleLowerCase().normalize('NFD').replace(/\p{M}/gu, ''); }

onLeave(() => { canned.value = null; asked = 0; });

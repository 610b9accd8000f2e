// Finding words within the open conversation, over its whole history.
import { effect } from '../../vendor/signals.js';
import { get, Problem } from '../core/api.js';
import { inboxHash, replace, route } from '../core/router.js';
import { finding, findOpen, nothing } from './finding.js';
import { openId } from './threads.js';

let turn = 0;

export async function find(words) {
  const id = findOpen.peek();
  const mine = turn += 1;
  finding.value = { ...nothing(), words, state: words ? 'loading' : 'idle' };
  if (!words) return;
  try {
    const { results, next_cursor: cursor } = await get(`/conversations/${id}/search`, { q: words });
    if (mine !== turn) return;
    finding.value = { words, hits: inOrder(results), index: -1, state: 'ready', problem: null, cursor };
    if (results.length) await goToHit(0);
  } catch (problem) {
    if (mine !== turn || !(problem instanceof Problem)) return;
    finding.value = { ...finding.peek(), state: 'failed', problem };
  }
}

/** Goes `by` hits towards the beginning (1) or the end (-1) of the conversation, and round at its ends. */
export async function nextHit(by) {
  const { hits, index, cursor } = finding.peek();
  if (hits.length === 0) return;
  if (by > 0 && index === hits.length - 1 && cursor) await moreHits();
  const count = finding.peek().hits.length;
  await goToHit((index + by + count) % count);
}

async function moreHits() {
  const { words, cursor } = finding.peek();
  const mine = turn;
  const answer = await get(`/conversations/${findOpen.peek()}/search`, { q: words, cursor }).catch(() => null);
  if (!answer || mine !== turn) return;
  const hits = [...finding.peek().hits, ...inOrder(answer.results)];
  finding.value = { ...finding.peek(), hits, cursor: answer.next_cursor };
}

function goToHit(index) {
  finding.value = { ...finding.peek(), index };
  return goToMessage(findOpen.peek(), finding.peek().hits[index].seq);
}

/** Brings a message of the open conversation on screen, also the one that the address names already. */
export async function goToMessage(id, seq) {
  const { view, query, at } = route.peek();
  if (at === seq) {
    replace(inboxHash(view, id, null, query));
    await new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)); });
  }
  replace(inboxHash(view, id, seq, query));
}

export function endFind() {
  turn += 1;
  finding.value = nothing();
  findOpen.value = null;
}

function inOrder(hits) { return [...hits].sort((one, two) => two.seq - one.seq); }

effect(() => { if (findOpen.value !== null && openId.value !== findOpen.value) endFind(); });

// Which of my tabs rings: they bid for each notice, one wins, and none rings for what is in front of my eyes in any of them.
import { hearTabs, tabId, tellTabs } from '../core/tabs.js';
import { openId } from './threads.js';

/** Long enough for all tabs to have bid. */
const PATIENCE = 300;
const REMEMBERED = 300;

/** key -> the best bid so far: {rank, seen}; `seen` when some tab shows the conversation. */
const bids = new Map();
const rung = new Set();

/** Whether the conversation is on screen, in a window that has the focus. */
export function inFront(conversationId) {
  return !document.hidden && document.hasFocus() && openId.peek() === conversationId;
}

/** Calls `sound()` in at most one tab for each `key`; every tab that hears of the notice must ask. */
export function ringOnce(key, conversationId, sound) {
  if (rung.has(key)) return;
  const bid = { key, rank: rank(), seen: inFront(conversationId) };
  take(bid);
  tellTabs('bid', bid);
  setTimeout(() => {
    const { rank: best, seen } = bids.get(key) ?? {};
    bids.delete(key);
    if (rung.has(key) || (!seen && best !== bid.rank)) return;
    remember(key);
    tellTabs('rung', key);
    if (!seen) sound();
  }, PATIENCE);
}

/** A window that is looked at first, then one that may sound, then the oldest. */
function rank() {
  const looked = document.hidden ? 2 : document.hasFocus() ? 0 : 1;
  return `${looked}${navigator.userActivation?.hasBeenActive === false ? 1 : 0}${tabId}`;
}

function take({ key, rank: bid, seen }) {
  const known = bids.get(key);
  bids.set(key, { rank: known && known.rank < bid ? known.rank : bid, seen: seen || Boolean(known?.seen) });
}

function remember(key) {
  rung.add(key);
  if (rung.size > REMEMBERED) rung.delete(rung.values().next().value);
}

hearTabs('bid', (bid) => { if (!rung.has(bid.key)) take(bid); });
hearTabs('rung', remember);

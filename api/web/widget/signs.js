/* The small signs to the agent: how far the visitor has read, and that the visitor is writing. */
import { signal, whenever } from './state.js';

const AGAIN = 4_000; // ms between typing marks
const REST = 1_000; // ms between reading marks: many messages at once are not many marks
const STOPS = 5_000; // ms without a key press

/** The reading mark, shared by tabs. `looking()`: is the thread before the eyes; `tell(seq)` gives whether the mark left. */
export function readingOf({ keep, thread, looking, tell }) {
  const seen = signal(keep.get('seen') ?? 0);
  let told = 0;
  let resting = 0;

  const theirs = () => thread.messages.value.filter((it) => it.author !== 'customer' && it.kind !== 'system');
  const count = () => theirs().filter((it) => it.seq > seen.value && !it.deleted_at).length;
  const reach = (seq) => (seen.value = Math.max(seen.value, seq ?? 0));
  const sync = () => {
    if (resting || seen.value <= told || !tell(seen.value)) return;
    told = seen.value;
    resting = setTimeout(() => {
      resting = 0;
      sync();
    }, REST);
  };
  keep.watch('seen', reach);
  const look = () => {
    const last = theirs().at(-1)?.seq;
    if (!looking() || !(last > seen.value)) return;
    reach(last);
    keep.set('seen', last);
    sync();
  };
  const forget = () => {
    seen.value = told = 0;
    keep.remove('seen');
  };
  whenever(look);
  return { count, reach, sync, look, forget };
}

export function typingMark(tell) {
  let toldAt = 0;
  let timer = 0;

  function stopped() {
    clearTimeout(timer);
    if (toldAt) tell(false);
    toldAt = 0;
  }
  function pressed() {
    clearTimeout(timer);
    timer = setTimeout(stopped, STOPS);
    if (Date.now() - toldAt < AGAIN) return;
    toldAt = Date.now();
    tell(true);
  }
  return { pressed, stopped };
}

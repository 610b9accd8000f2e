/* What the visitor is told about the connection: nothing while it is well, and nothing about hiccups. */
import { signal } from '../vendor/signals.js';

const HICCUP = 1_500; // ms of lost connection that nobody needs to hear about
const HEALED = 2_500; // ms that the good news stays

/** `notice` is a signal of null, "offline", "lost" or "healed". `became(state)` takes the wire's state. */
export function linkState(wire) {
  const notice = signal(null);
  let timer = 0;
  let broken = false;

  function became(state) {
    if (state === 'live') {
      clearTimeout(timer);
      if (notice.value) {
        notice.value = 'healed';
        timer = setTimeout(() => (notice.value = null), HEALED);
      }
      broken = false;
    } else if (state === 'lost') {
      if (notice.value === 'offline' || notice.value === 'lost') notice.value = name();
      if (broken) return;
      broken = true;
      clearTimeout(timer);
      timer = setTimeout(() => (notice.value = name()), HICCUP);
    }
  }
  addEventListener('online', () => notice.value === 'offline' && (notice.value = 'lost'));
  return { notice, became, hurry: () => wire.hurry() };
}

function name() {
  return navigator.onLine ? 'lost' : 'offline';
}

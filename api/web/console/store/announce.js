// What is said aloud to a screen reader, and the short notices at the foot of the page.
import { signal } from '../../vendor/signals.js';

export const spoken = signal('');
/** [{id, text, kind: 'bad' | 'good'}] newest last. */
export const notices = signal([]);

let made = 0;

export function say(text) {
  // The same sentence twice is only read twice when the text changes in between.
  spoken.value = spoken.value === text ? `${text}\u00a0` : text;
}

export function notify(text, kind = 'bad') {
  const id = made += 1;
  notices.value = [...notices.value.slice(-2), { id, text, kind }];
  setTimeout(() => dismiss(id), kind === 'bad' ? 9000 : 4000);
}

export function dismiss(id) { notices.value = notices.value.filter((notice) => notice.id !== id); }

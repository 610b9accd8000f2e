// The server's clock: every wait, window and age on screen is measured by it, never by the browser's own.
import { signal } from '../../vendor/signals.js';

let offset = 0;

/** Moves every ten seconds; components that show ages read it. */
export const beat = signal(0);

/** Milliseconds since 1970 on the server. */
export function now() { return Date.now() + offset; }

/** Learns the difference from an RFC 3339 instant that the server just sent. */
export function heard(at) {
  const server = Date.parse(at);
  if (!Number.isNaN(server)) offset = server - Date.now();
}

/** Seconds from `at` until now, negative when it lies ahead; subscribes the caller to the beat. */
export function secondsSince(at) {
  beat.value;
  return (now() - Date.parse(at)) / 1000;
}

setInterval(() => { beat.value += 1; }, 10_000);

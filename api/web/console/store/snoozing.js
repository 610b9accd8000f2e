// Which conversations are about to be put aside.
import { signal } from '../../vendor/signals.js';

/** {ids, done(until)} while the dialog stands, or null. */
export const snoozing = signal(null);

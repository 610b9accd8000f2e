// In which conversation a voice note is being recorded; one at a time.
import { signal } from '../../vendor/signals.js';
import { onLeave } from './session.js';

/** conversation id -> true while its recorder stands in the composer */
export const recordings = signal(new Map());

export function beginRecording(id) { recordings.value = new Map([[id, true]]); }
export function endRecording() { recordings.value = new Map(); }

onLeave(endRecording);

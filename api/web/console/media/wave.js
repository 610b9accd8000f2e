// The shape of a recording as a few bars: decoded once, kept for the next time it is on screen.
import { load, save } from '../core/storage.js';
import { bytesOf } from '../store/media.js';

export const BARS = 40;
const KEPT = 150;
const LARGEST = 6 * 1024 * 1024;
const LEVELS = 35;

/** file id -> promise of [0…1]; the shapes of the last ones are kept in the browser. */
const known = new Map();

/** {bars: [0…1] × BARS, seconds}; rejects what the browser cannot decode. */
export function waveOf(file) {
  if (!known.has(file.id)) {
    const kept = load('waves', {})[file.id];
    known.set(file.id, kept ? Promise.resolve(unpacked(kept)) : decode(file));
  }
  return known.get(file.id);
}

export function keptWave(file) {
  const kept = load('waves', {})[file.id];
  return kept ? unpacked(kept) : null;
}

async function decode(file) {
  if (file.size > LARGEST) throw new RangeError('too large to draw');
  const sound = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(await bytesOf(file.url));
  const found = { bars: barsOf(sound.getChannelData(0)), seconds: sound.duration };
  const kept = Object.entries(load('waves', {})).slice(1 - KEPT);
  save('waves', Object.fromEntries([...kept, [file.id, packed(found)]]));
  return found;
}

/** Loudness of each part against the loudest one, so that a quiet voice has a shape too. */
function barsOf(samples) {
  const length = Math.max(1, Math.floor(samples.length / BARS));
  const loud = Array.from({ length: BARS }, (_, bar) => {
    let sum = 0;
    const end = Math.min(samples.length, (bar + 1) * length);
    for (let at = bar * length; at < end; at += 1) sum += samples[at] * samples[at];
    return Math.sqrt(sum / length);
  });
  const most = Math.max(...loud, 1e-4);
  return loud.map((value) => value / most);
}

function packed({ bars, seconds }) {
  return [Math.round(seconds * 10) / 10, bars.map((bar) => Math.round(bar * LEVELS).toString(36)).join('')];
}

function unpacked([seconds, bars]) {
  return { seconds, bars: [...bars].map((letter) => parseInt(letter, 36) / LEVELS) };
}

// A short sound made on the spot, so that nothing is fetched for it.
const NOTES = [[660, 0], [880, 0.12]];
const LENGTH = 0.16;
const LOUDNESS = 0.12;

/** Resolves when it has been heard; rejects where the browser plays nothing. */
export async function chime() {
  const context = new AudioContext();
  await context.resume();
  for (const [pitch, after] of NOTES) {
    const tone = context.createOscillator();
    const level = context.createGain();
    const from = context.currentTime + after;
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(LOUDNESS, from + 0.01);
    level.gain.exponentialRampToValueAtTime(0.001, from + LENGTH);
    tone.connect(level).connect(context.destination);
    tone.start(from);
    tone.stop(from + LENGTH);
  }
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  await context.close();
}

// Recording a voice note: the microphone is asked for now and let go at the end; the level shows that it hears.
import { useEffect, useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { attach, composeAs } from '../store/composing.js';
import { endRecording } from '../store/recordings.js';
import { oggOf } from './ogg.js';

const TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'];
const BARS = 32;
const LONGEST = 10 * 60;

export function Recorder({ id, mode }) {
  const take = useRef(null);
  const [state, setState] = useState({ phase: 'asking', seconds: 0, levels: [] });
  const main = useRef(null);
  const change = (changes) => setState((was) => ({ ...was, ...changes }));
  useEffect(() => {
    let gone = false;
    record().then((made) => {
      if (gone) { made.end(); return; }
      take.current = made;
      change({ phase: 'recording' });
    }, (failure) => { if (!gone) change({ phase: 'refused', why: failure.name }); });
    const look = setInterval(() => {
      if (!take.current) return;
      setState((was) => ({ ...was, seconds: take.current.seconds(),
        levels: [...was.levels, take.current.level()].slice(-BARS) }));
    }, 100);
    return () => { gone = true; clearInterval(look); take.current?.end(); };
  }, []);
  // So that Enter sends, Escape gives up, and the focus is never lost: with the box, not a frame after it.
  useLayoutEffect(() => { main.current?.focus(); }, [state.phase]);
  const leave = () => { endRecording(); composeAs(mode); };
  const finish = async () => {
    if (state.phase !== 'recording') return;
    change({ phase: 'ending' });
    const file = await take.current.file();
    leave();
    if (file.size > 0) attach(id, [file], { voice: mode });
  };
  useEffect(() => { if (state.seconds >= LONGEST) finish(); }, [state.seconds >= LONGEST]);
  const keys = (event) => { if (event.key === 'Escape') { event.preventDefault(); leave(); } };
  if (state.phase === 'refused') return html`<div class="recorder" onKeyDown=${keys}>
    <${Icon} name="mic" size=${20}/><p class="recorder-words" role="alert">
      ${t(state.why === 'NotAllowedError' ? 'record.refused' : 'record.no_microphone')}</p>
    <button type="button" class="button" ref=${main} onClick=${leave}>${t('action.back')}</button></div>`;
  return html`<div class="recorder" role="group" aria-label=${t('kind.voice')} onKeyDown=${keys}>
    <button type="button" class="button" aria-label=${t('action.cancel')}
        ref=${state.phase === 'asking' ? main : null} onClick=${leave}><${Icon} name="trash" size=${16}/>
      <span>${t('action.cancel')}</span></button>
    <span class="recorder-dot" aria-hidden="true"></span>
    <span class="recorder-time" role="timer" aria-label=${t('record.length')}>${clock(state.seconds)}</span>
    ${state.phase === 'asking' ? html`<p class="recorder-words" role="status">${t('record.asking')}</p>`
      : html`<${Level} levels=${state.levels}/>`}
    <button type="button" class="button primary" ref=${state.phase === 'recording' ? main : null}
        disabled=${state.phase !== 'recording'} onClick=${finish}>
      <${Icon} name="send" size=${16}/>${t('composer.send')}</button></div>`;
}

function Level({ levels }) {
  const now = levels.at(-1) ?? 0;
  return html`<span class="recorder-level" role="meter" aria-label=${t('record.level')} aria-valuemin="0"
      aria-valuemax="100" aria-valuenow=${Math.round(now * 100)}>
    ${Array.from({ length: BARS }, (_, place) => html`<i key=${place}
        style=${{ height: `${Math.max(8, (levels[levels.length - BARS + place] ?? 0) * 100)}%` }}></i>`)}</span>`;
}

/** {seconds(), level() from 0 to 1, file(), end()}; rejects when the microphone is refused or missing. */
async function record() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
  const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
  const recorder = new MediaRecorder(stream, type ? { mimeType: type, audioBitsPerSecond: 32_000 } : {});
  const sound = new AudioContext();
  const listener = new AnalyserNode(sound, { fftSize: 1024 });
  sound.createMediaStreamSource(stream).connect(listener);
  const pieces = [];
  const began = performance.now();
  const samples = new Float32Array(listener.fftSize);
  recorder.ondataavailable = (event) => pieces.push(event.data);
  recorder.start(500);
  const end = () => {
    if (recorder.state !== 'inactive') recorder.stop();
    for (const track of stream.getTracks()) track.stop();
    if (sound.state !== 'closed') sound.close();
  };
  return { end, seconds: () => (performance.now() - began) / 1000,
    level: () => { listener.getFloatTimeDomainData(samples); return loudness(samples); },
    file: () => new Promise((resolve) => {
      recorder.onstop = async () => resolve(await named(new Blob(pieces, { type: recorder.mimeType })));
      end();
    }) };
}

function loudness(samples) {
  const mean = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
  return Math.min(1, mean * 4);
}

async function named(blob) {
  const bytes = blob.type.startsWith('audio/webm') ? oggOf(new Uint8Array(await blob.arrayBuffer())) : null;
  const sound = bytes ?? blob;
  const type = sound.type.split(';')[0];
  return new File([sound], `voice.${type === 'audio/mp4' ? 'm4a' : type.split('/')[1]}`, { type });
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

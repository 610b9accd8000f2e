// Sound in line: its drawn shape to seek in, the time, the speed; one plays at a time.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { signal } from '../../vendor/signals.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { number, t } from '../../shared/i18n.js';
import { load, save } from '../core/storage.js';
import { notify } from '../store/announce.js';
import { download, useBlob } from '../store/media.js';
import { BARS, keptWave, waveOf } from './wave.js';

const SPEEDS = [1, 1.5, 2];
const speed = signal(load('speed', 1));
let playing = null;

export function Sound({ file, voice, near }) {
  const sound = useRef(null);
  const wanted = useRef(false);
  const [run, setRun] = useState({ on: false, at: 0 });
  const [wave, setWave] = useState(() => keptWave(file));
  const [broken, setBroken] = useState(false);
  const { src, failed, retry } = useBlob(file.url, near);
  const length = wave?.seconds ?? file.duration ?? run.length ?? 0;
  useEffect(() => {
    if (!src) return;
    if (wanted.current) start(sound.current);
    if (!wave) waveOf(file).then(setWave, () => {});
  }, [src]);
  useEffect(() => { if (sound.current) sound.current.playbackRate = speed.value; }, [speed.value, src]);
  const learn = () => {
    const { currentTime, duration, paused } = sound.current;
    setRun({ on: !paused, at: currentTime, length: Number.isFinite(duration) ? duration : undefined });
  };
  const press = () => {
    if (failed) { retry(); return; }
    if (broken) { download(file).catch((problem) => notify(problem.message)); return; }
    wanted.current = true;
    if (!src) return;
    if (sound.current.paused) start(sound.current);
    else sound.current.pause();
  };
  const seek = (event) => {
    if (!sound.current) return;
    sound.current.currentTime = Number(event.target.value);
    learn();
  };
  const next = () => {
    speed.value = SPEEDS[(SPEEDS.indexOf(speed.value) + 1) % SPEEDS.length];
    save('speed', speed.value);
  };
  const label = failed ?? t(broken ? 'file.save' : run.on ? 'audio.pause' : 'audio.play');
  const icon = failed ? 'retry' : broken ? 'download' : run.on ? 'pause' : 'play';
  return html`<div class="audio">
    <button type="button" class="audio-button" aria-label=${label} title=${label} onClick=${press}>
      <${Icon} name=${icon} size=${20}/></button>
    <span class="audio-shape"><${Shape} bars=${wave?.bars} share=${length ? run.at / length : 0}/>
      <input type="range" min="0" max=${length || 1} step="0.1" value=${run.at} disabled=${!src || broken}
          aria-label=${t('audio.seek')} aria-valuetext=${minutes(run.at)} onInput=${seek}/></span>
    <span class="audio-time">${run.at > 0 || length ? minutes(run.at || length) : ''}</span>
    <button type="button" class="audio-speed" aria-label=${t('audio.speed', { speed: number(speed.value) })}
        title=${t('audio.speed', { speed: number(speed.value) })} onClick=${next}>${number(speed.value)}×</button>
    ${voice && html`<${Icon} name="mic" size=${16} label=${t('kind.voice')}/>`}
    ${src && html`<audio ref=${sound} src=${src} preload="metadata" onPlay=${learn} onPause=${learn} onTimeUpdate=${learn}
        onLoadedMetadata=${learn} onEnded=${() => { sound.current.currentTime = 0; learn(); }}
        onError=${() => setBroken(true)}></audio>`}
    ${(failed || broken) && html`<span class="sr-only" role="alert">${failed ?? t('audio.unplayable')}</span>`}
  </div>`;
}

/** The same bars twice: all of them quiet, and over them those that were heard. */
function Shape({ bars, share }) {
  const path = (bars ?? Array(BARS).fill(0.08)).map((bar, place) => {
    const half = Math.max(1, bar * 13);
    return `M${place * 4 + 2} ${14 - half}v${2 * half}`;
  }).join('');
  return html`<svg class="wave" viewBox=${`0 0 ${BARS * 4} 28`} preserveAspectRatio="none" aria-hidden="true">
    <path d=${path} class="wave-all"></path>
    <path d=${path} class="wave-heard" style=${{ clipPath: `inset(0 ${100 - Math.min(1, share) * 100}% 0 0)` }}></path></svg>`;
}

function start(sound) {
  if (playing && playing !== sound) playing.pause();
  playing = sound;
  sound.playbackRate = speed.peek();
  sound.play().catch(() => {});
}

function minutes(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

// Sound in line: one button, a place to seek, the time.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { useBlob } from '../store/media.js';

let playing = null;

export function AudioPlayer({ file, voice }) {
  const sound = useRef(null);
  const [wanted, setWanted] = useState(false);
  const [run, setRun] = useState({ on: false, at: 0, length: file.duration ?? 0 });
  const { src, failed, retry } = useBlob(file.url, wanted);
  useEffect(() => { if (src && wanted) start(sound.current); }, [src]);
  const learn = () => {
    const { currentTime, duration, paused } = sound.current;
    setRun({ on: !paused, at: currentTime, length: Number.isFinite(duration) ? duration : file.duration ?? 0 });
  };
  const press = () => {
    if (failed) return retry();
    if (!src) return setWanted(true);
    return sound.current.paused ? start(sound.current) : sound.current.pause();
  };
  const seek = (event) => { if (sound.current) sound.current.currentTime = Number(event.target.value); };
  const label = t(run.on ? 'audio.pause' : 'audio.play');
  return html`<div class="audio">
    <button type="button" class="audio-button" aria-label=${label} title=${failed ?? label} onClick=${press}>
      <${Icon} name=${failed ? 'retry' : run.on ? 'pause' : 'play'} size=${20}/></button>
    <${Icon} name=${voice ? 'mic' : 'file'} size=${16}/>
    <input type="range" min="0" max=${run.length || 1} step="0.1" value=${run.at} disabled=${!src}
        aria-label=${t('audio.seek')} onInput=${seek}/>
    <span class="audio-time">${run.at > 0 || run.length ? minutes(run.at || run.length) : ''}</span>
    ${src && html`<audio ref=${sound} src=${src} onPlay=${learn} onPause=${learn} onTimeUpdate=${learn}
        onLoadedMetadata=${learn} onEnded=${learn}></audio>`}
    ${failed && html`<span class="sr-only" role="alert">${failed}</span>`}
  </div>`;
}

/** One sound at a time. */
function start(sound) {
  if (playing && playing !== sound) playing.pause();
  playing = sound;
  sound.play().catch(() => {});
}

function minutes(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

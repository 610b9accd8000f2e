// Files of a message: pictures and videos in a reserved place that open the viewer, sound in line, the rest to save.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { fileSize, t } from '../../shared/i18n.js';
import { isPicture, isVideo, view } from '../media/viewing.js';
import { notify } from '../store/announce.js';
import { download, useBlob } from '../store/media.js';
import { part } from './part.js';

const WIDEST = 320;
const TALLEST = 320;
const Sound = part(() => import('../media/sound.js'), 'Sound');

export function Attachments({ message }) {
  return (message.attachments ?? []).map((file) => html`<${Attachment} key=${file.id} file=${file} message=${message}/>`);
}

function Attachment({ file, message: { kind, conversation_id: conversation } }) {
  if (file.state === 'pending') return html`<${Placeholder} file=${file} kind=${kind} words=${t('file.coming')}/>`;
  if (file.state === 'failed') return html`<${Placeholder} file=${file} kind=${kind} words=${t('file.lost')}
      bad=${true}/>`;
  if (isPicture(file)) return html`<${Picture} file=${file} sticker=${kind === 'sticker'} conversation=${conversation}/>`;
  if (isVideo(file)) return html`<${Video} file=${file} conversation=${conversation}/>`;
  if ((file.mime ?? '').startsWith('audio/')) return html`<${SoundPlace} file=${file} voice=${kind === 'voice'}/>`;
  return html`<${Saved} file=${file}/>`;
}

/** The place a picture takes, known before its bytes are. */
function sizeOf({ width, height }, widest = WIDEST) {
  if (!width || !height) return { width: '240px', height: '180px' };
  const scale = Math.min(1, widest / width, TALLEST / height);
  return { width: `${Math.round(width * scale)}px`, aspectRatio: `${width} / ${height}` };
}

function Placeholder({ file, kind, words, bad = false }) {
  const visual = ['image', 'video', 'sticker'].includes(kind);
  return html`<div class=${`file-wait ${visual ? 'visual' : ''} ${bad ? 'bad' : ''}`}
      style=${visual ? sizeOf(file) : null} role="status">
    <${Icon} name=${bad ? 'alert' : 'download'} size=${16}/>${words}</div>`;
}

function Picture({ file, sticker, conversation }) {
  const place = useRef(null);
  const near = useNear(place);
  const { src, failed, retry } = useBlob(file.url, near);
  const name = file.name || t('kind.image');
  const picture = src && html`<img src=${src} alt=${name} draggable=${false}/>`;
  return html`<div class=${`picture ${sticker ? 'sticker' : ''}`} ref=${place}
      style=${sizeOf(file, sticker ? 160 : WIDEST)}>
    ${src && (sticker ? picture : html`<button type="button" class="picture-open" aria-label=${t('file.open', { name })}
        onClick=${() => view(conversation, file)}>${picture}</button>`)}
    ${failed && html`<button type="button" class="picture-failed" onClick=${retry}><${Icon} name="retry" size=${16}/>
      ${t('file.failed')}</button>`}</div>`;
}

function Video({ file, conversation }) {
  const name = file.name || t('kind.video');
  return html`<div class="video" style=${sizeOf({ width: file.width ?? 320, height: file.height ?? 180 })}>
    <button type="button" class="video-play" onClick=${() => view(conversation, file)}><${Icon} name="play" size=${24}/>
      <span dir="auto">${t('file.play', { name })}</span>
      <span class="hint">${file.size ? fileSize(file.size) : ''}</span></button></div>`;
}

/** Holds the room of the player while its module comes. */
function SoundPlace({ file, voice }) {
  const place = useRef(null);
  const near = useNear(place);
  return html`<div class="audio-place" ref=${place}>${near && html`<${Sound} file=${file} voice=${voice} near=${near}/>`}</div>`;
}

function Saved({ file }) {
  const name = file.name || t('kind.document');
  const type = (file.name?.match(/\.(\w{1,5})$/)?.[1] ?? file.mime?.split('/')[1] ?? '').toUpperCase();
  return html`<button type="button" class="card file" title=${t('file.save_named', { name })}
      onClick=${() => download(file).catch((problem) => notify(problem.message))}>
    <${Icon} name="file" size=${24}/><span class="card-words"><b dir="auto">${name}</b>
    <span class="hint">${[type, file.size ? fileSize(file.size) : ''].filter(Boolean).join(' · ')}</span></span>
    <${Icon} name="download" size=${16} label=${t('file.save')}/></button>`;
}

/** True from the moment the element comes near the window; bytes are not fetched for what nobody sees. */
function useNear(place) {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => {
      if (entry.isIntersecting) { setNear(true); watch.disconnect(); }
    }, { rootMargin: '400px' });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  return near;
}

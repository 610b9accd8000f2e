// Files of a message: pictures in line in a reserved place, sound and video when wanted, the rest to save.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { fileSize, t } from '../../shared/i18n.js';
import { notify } from '../store/announce.js';
import { download, useBlob } from '../store/media.js';
import { AudioPlayer } from './audio_player.js';
import { Dialog } from './dialog.js';

const WIDEST = 320;
const TALLEST = 320;

export function Attachments({ message }) {
  return (message.attachments ?? []).map((file) => html`<${Attachment} key=${file.id} file=${file}
      kind=${message.kind}/>`);
}

function Attachment({ file, kind }) {
  if (file.state === 'pending') return html`<${Placeholder} file=${file} kind=${kind} words=${t('file.coming')}/>`;
  if (file.state === 'failed') return html`<${Placeholder} file=${file} kind=${kind} words=${t('file.lost')}
      bad=${true}/>`;
  const type = (file.mime ?? '').split('/')[0];
  if (type === 'image' && file.mime !== 'image/svg+xml') return html`<${Picture} file=${file}
      sticker=${kind === 'sticker'}/>`;
  if (type === 'audio') return html`<${AudioPlayer} file=${file} voice=${kind === 'voice'}/>`;
  if (type === 'video') return html`<${Video} file=${file}/>`;
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

function Picture({ file, sticker }) {
  const place = useRef(null);
  const [open, setOpen] = useState(false);
  const near = useNear(place);
  const { src, failed, retry } = useBlob(file.url, near);
  const name = file.name || t('kind.image');
  return html`<div class=${`picture ${sticker ? 'sticker' : ''}`} ref=${place}
      style=${sizeOf(file, sticker ? 160 : WIDEST)}>
    ${src && html`<button type="button" class="picture-open" aria-label=${t('file.open', { name })}
        onClick=${() => setOpen(true)}><img src=${src} alt=${name} draggable=${false}/></button>`}
    ${failed && html`<button type="button" class="picture-failed" onClick=${retry}><${Icon} name="retry" size=${16}/>
      ${t('file.failed')}</button>`}
    ${open && html`<${Dialog} bare=${true} class="lightbox" title=${name} onClose=${() => setOpen(false)}>
      <img src=${src} alt=${name}/><div class="lightbox-acts"><span>${name}</span>
      <button type="button" class="button" onClick=${() => save(file)}><${Icon} name="download" size=${16}/>
        ${t('file.save')}</button>
      <button type="button" class="button" autofocus onClick=${() => setOpen(false)}>${t('action.close')}</button>
        </div><//>`}
  </div>`;
}

function Video({ file }) {
  const [wanted, setWanted] = useState(false);
  const { src, failed, retry } = useBlob(file.url, wanted);
  return html`<div class="video" style=${sizeOf({ width: file.width ?? 320, height: file.height ?? 180 })}>
    ${src
      ? html`<video src=${src} controls autoplay playsinline aria-label=${file.name || t('kind.video')}></video>`
      : html`<button type="button" class="video-play" onClick=${() => (failed ? retry() : setWanted(true))}>
          <${Icon} name=${failed ? 'retry' : 'play'} size=${24}/><span>
            ${failed ? t('file.failed') : wanted ? t('state.loading')
              : t('file.play', { name: file.name || t('kind.video') })}</span>
          <span class="hint">${file.size ? fileSize(file.size) : ''}</span></button>`}
  </div>`;
}

function Saved({ file }) {
  return html`<button type="button" class="card file"
      title=${t('file.save_named', { name: file.name || t('kind.document') })} onClick=${() => save(file)}>
    <${Icon} name="file" size=${24}/><span class="card-words"><b>${file.name || t('kind.document')}</b>
    <span class="hint">${[(file.name?.match(/\.(\w{1,5})$/)?.[1] ?? file.mime?.split('/')[1] ?? '').toUpperCase(),
      file.size ? fileSize(file.size) : ''].filter(Boolean).join(' · ')}</span></span>
    <${Icon} name="download" size=${16} label=${t('file.save')}/></button>`;
}

function save(file) { download(file).catch((problem) => notify(problem.message)); }

/** True from the moment the element comes near the window; bytes are not fetched for what nobody sees. */
function useNear(place) {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) { setNear(true); watch.disconnect(); } }, { rootMargin: '400px' });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  return near;
}

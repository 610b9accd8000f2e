// Pictures and videos over the whole page: walked by arrows through the thread, zoomed, moved, saved.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { shortDate, t } from '../../shared/i18n.js';
import { Dialog } from '../components/dialog.js';
import { notify } from '../store/announce.js';
import { download, useBlob } from '../store/media.js';
import { loadAfter, loadBefore, thread } from '../store/threads.js';
import { endViewing, isVideo, view, viewing, visuals } from './viewing.js';

const STEPS = [1, 1.5, 2, 3, 4, 6, 8];
const STILL = { zoom: 1, x: 0, y: 0 };

export function Viewer() {
  const { conversation, file } = viewing.value;
  const opened = thread(conversation);
  const list = visuals(opened.items.value);
  const place = list.findIndex((one) => one.file.id === file.id);
  const { hasBefore, hasAfter, busy } = opened.state.value;
  // Each file begins still, from its first moment: what is pressed right away is not taken back.
  const [kept, setKept] = useState({ of: file.id, look: STILL });
  const lookOf = (was) => (was.of === file.id ? was.look : STILL);
  const look = lookOf(kept);
  const setLook = (next) => setKept((was) => (
    { of: file.id, look: typeof next === 'function' ? next(lookOf(was)) : next }));
  const wish = useRef(0);
  const name = file.name || t(isVideo(file) ? 'kind.video' : 'kind.image');

  const go = (step) => {
    const next = list[place + step];
    wish.current = 0;
    if (next) { view(conversation, next.file); return; }
    // The thread holds more than is loaded: fetch on, and come back here when it has come.
    if (step < 0 && hasBefore) { wish.current = -1; loadBefore(opened); }
    if (step > 0 && hasAfter) { wish.current = 1; loadAfter(opened); }
  };
  useEffect(() => { if (wish.current && !busy) go(wish.current); }, [busy, list.length]);
  const zoom = (step) => setLook((was) => {
    const at = STEPS.findIndex((one) => one >= was.zoom);
    const next = STEPS[Math.max(0, Math.min(STEPS.length - 1, at + step))];
    return next === 1 ? STILL : { ...was, zoom: next };
  });
  const save = () => download(file).catch((problem) => notify(problem.message));
  const keys = (event) => {
    const act = { ArrowLeft: () => go(-1), ArrowRight: () => go(1), '+': () => zoom(1), '=': () => zoom(1),
      '-': () => zoom(-1), 0: () => setLook(STILL), d: save }[event.key];
    // A video that has the focus keeps its own arrows.
    if (!act || event.ctrlKey || event.metaKey || (event.target.matches('video') && event.key.startsWith('Arrow'))) return;
    event.preventDefault();
    act();
  };
  const message = list[place]?.message;
  const who = message?.author_name || (message ? t(`author.${message.author}`) : '');
  const button = (icon, label, run, more = {}) => html`<button type="button" class="icon-button" aria-label=${label}
      title=${label} onClick=${run} ...${more}><${Icon} name=${icon}/></button>`;
  return html`<${Dialog} bare=${true} class="viewer" title=${t('viewer.title')} onClose=${endViewing}>
    <div class="viewer-frame" onKeyDown=${keys}>
      <header class="viewer-head"><div class="viewer-words"><b dir="auto">${name}</b><span>
        ${[who, message && shortDate(message.created_at)].filter(Boolean).join(' · ')}</span></div>
        <span class="viewer-count" role="status">${place >= 0 ? t('viewer.place', { place: place + 1,
          count: list.length }) : ''}${busy ? ` ${t('state.loading')}` : ''}</span>
        ${!isVideo(file) && html`${button('zoom-out', t('viewer.smaller'), () => zoom(-1), { disabled: look.zoom === 1 })}
          ${button('zoom-in', t('viewer.larger'), () => zoom(1), { disabled: look.zoom === STEPS.at(-1) })}`}
        ${button('download', t('file.save'), save)}
        ${button('close', t('action.close'), endViewing, { autofocus: true })}</header>
      <${Stage} key=${file.id} file=${file} name=${name} look=${look} onLook=${setLook} onZoom=${zoom}/>
      ${button('back', t('viewer.previous'), () => go(-1), { class: 'icon-button viewer-side previous',
        disabled: place <= 0 && !hasBefore })}
      ${button('next', t('viewer.next'), () => go(1), { class: 'icon-button viewer-side next',
        disabled: place < 0 || (place >= list.length - 1 && !hasAfter) })}
    </div><//>`;
}

function Stage({ file, name, look, onLook, onZoom }) {
  const { src, failed, retry } = useBlob(file.url, true);
  const held = useRef(null);
  const wheel = (event) => { event.preventDefault(); onZoom(event.deltaY < 0 ? 1 : -1); };
  const down = (event) => {
    if (look.zoom === 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = { x: event.clientX - look.x, y: event.clientY - look.y };
  };
  const move = (event) => {
    if (held.current) onLook({ ...look, x: event.clientX - held.current.x, y: event.clientY - held.current.y });
  };
  if (failed) return html`<div class="viewer-stage"><button type="button" class="button" onClick=${retry}>
    <${Icon} name="retry" size=${16}/>${t('file.failed')}</button></div>`;
  if (!src) return html`<div class="viewer-stage" aria-busy="true"><span role="status">${t('state.loading')}</span></div>`;
  if (isVideo(file)) return html`<div class="viewer-stage"><video src=${src} controls autoplay playsinline
      aria-label=${name}></video></div>`;
  return html`<div class=${`viewer-stage ${look.zoom > 1 ? 'zoomed' : ''}`} onWheel=${wheel} onPointerDown=${down}
      onPointerMove=${move} onPointerUp=${() => { held.current = null; }}
      onDblClick=${() => (look.zoom > 1 ? onLook(STILL) : onZoom(2))}>
    <img src=${src} alt=${name} draggable=${false}
        style=${{ transform: `translate(${look.x}px, ${look.y}px) scale(${look.zoom})` }}/></div>`;
}

// The conversation on screen: its head, its messages, what was refused, and the composer.
import { useEffect, useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { attach } from '../store/composing.js';
import { inboxHash, route } from '../core/router.js';
import { leaveThread, loadLatest, openThread, reach, thread } from '../store/threads.js';
import { endViewing, viewing } from '../media/viewing.js';
import { findOpen, markedWords } from '../store/finding.js';
import { Composer } from './composer.js';
import { inboxPart } from './inbox_part.js';
import { Messages } from './messages.js';
import { more, part } from './part.js';
import { ThreadHead } from './thread_head.js';

const Viewer = part(() => import('../media/viewer.js'), 'Viewer');

const FindBar = inboxPart(() => import('./find_bar.js'), 'FindBar');
const Marks = inboxPart(() => import('./marks.js'), 'Marks');

export function Thread({ id }) {
  const { at } = route.value;
  const opened = thread(id);
  const [dropping, setDropping] = useState(false);
  const depth = useRef(0);
  // Before the first paint: the question to the server should not wait for it.
  useLayoutEffect(() => {
    openThread(id, at);
    more().catch(() => {}); // the first piece that needs them asks again
    return () => { endViewing(); leaveThread(); };
  }, [id]);
  useEffect(() => { if (at !== null) reach(opened, at); }, [at]);
  const hold = (change) => (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    depth.current += change;
    setDropping(depth.current > 0);
  };
  const drop = (event) => {
    event.preventDefault();
    depth.current = 0;
    setDropping(false);
    attach(id, event.dataTransfer.files);
  };
  const { phase, problem } = opened.state.value;
  return html`<section class=${`thread ${dropping ? 'dropping' : ''}`} aria-label=${t('thread.label')}
      onDragEnter=${hold(1)} onDragLeave=${hold(-1)} onDragOver=${hold(0)} onDrop=${drop}>
    <${ThreadHead} opened=${opened}/>
    ${findOpen.value === id && html`<${FindBar}/>`}
    ${markedWords.value && phase === 'ready' && html`<${Marks} id=${id}/>`}
    ${opened.refusal.value && html`<div class="refusal" role="alert"><${Icon} name="alert" size=${16}/><span>
      ${opened.refusal.value}</span>
      <button class="icon-button small" aria-label=${t('action.dismiss')}
          onClick=${() => { opened.refusal.value = null; }}><${Icon} name="close" size=${16}/></button></div>`}
    ${phase === 'failed'
      ? html`<div class="thread-empty" role="alert"><${Icon} name="alert" size=${24}/><p>${problem.message}</p>
          <a class="button" href=${inboxHash(route.value.view)}>${t('action.back')}</a>
          <button class="button" onClick=${() => loadLatest(opened)}>${t('action.retry')}</button></div>`
      : html`<${Messages} opened=${opened} at=${at}/><${Composer} opened=${opened}/>`}
    ${viewing.value?.conversation === id && html`<${Viewer}/>`}
    ${dropping && html`<div class="drop-veil" aria-hidden="true"><${Icon} name="attach" size=${24}/>
      ${t('composer.drop')}</div>`}
  </section>`;
}

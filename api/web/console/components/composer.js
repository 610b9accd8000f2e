// Where the answer is written: two modes that cannot be confused, what waits for its hour, and what to do when time has run out.
import { useEffect } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, t } from '../../shared/i18n.js';
import { secondsSince } from '../core/clock.js';
import { connection } from '../core/wire.js';
import { composeAs, modes } from '../store/composing.js';
import { recordings } from '../store/recordings.js';
import { loadScheduled, scheduledOf } from '../store/scheduled.js';
import { part } from './part.js';
import { Writing } from './writing.js';

const ScheduledList = part(() => import('../writing/scheduled_list.js'), 'ScheduledList');
const Recorder = part(() => import('../writing/recorder.js'), 'Recorder');

export function Composer({ opened }) {
  const { id } = opened;
  const mode = modes.value.get(id) ?? 'reply';
  const detail = opened.detail.value;
  const closed = windowClosed(detail);
  const live = connection.value.state === 'live';
  useEffect(() => { if (live) loadScheduled(id); }, [id, live]);
  if (detail && !detail.can?.reply && !detail.can?.note && !closed) return html`<footer class="composer read-only"><p>
    <${Icon} name="eye" size=${16}/>${t('composer.read_only')}</p></footer>`;
  return html`<footer class=${`composer mode-${mode}`} aria-label=${t(`composer.${mode}_label`)}>
    ${scheduledOf(id).value.length > 0 && html`<${ScheduledList} id=${id} detail=${detail}/>`}
    <${Modes} mode=${mode}/>
    ${mode === 'reply' && closed ? html`<${WindowClosed} detail=${detail}/>`
      : recordings.value.has(id) ? html`<${Recorder} id=${id} mode=${mode}/>`
        : html`<${Writing} key=${`${id}-${mode}`} opened=${opened} mode=${mode} detail=${detail}/>`}
  </footer>`;
}

function windowClosed(detail) {
  const limit = detail?.window;
  if (!limit) return false;
  return limit.open === false || Boolean(limit.closes_at && secondsSince(limit.closes_at) >= 0);
}

function Modes({ mode }) {
  const tab = (name, icon) => html`<button type="button" class=${`mode ${name}`}
      aria-pressed=${mode === name ? 'true' : 'false'} onClick=${() => composeAs(name)}>
    <${Icon} name=${icon} size=${16}/>${t(`composer.${name}`)}<kbd aria-hidden="true">
      ${name === 'reply' ? 'R' : 'N'}</kbd></button>`;
  return html`<div class="modes" role="group" aria-label=${t('composer.mode')}>
    ${tab('reply', 'reply')}${tab('note', 'note')}
    ${mode === 'note' && html`<span class="mode-hint">${t('composer.note_hint')}</span>`}</div>`;
}

function WindowClosed({ detail }) {
  const at = detail.window.closes_at;
  return html`<div class="window-closed" role="status"><${Icon} name="clock" size=${20}/>
    <p><strong>${t('window.closed')}</strong> <span>
      ${at ? t('window.closed_at', { time: exactTime(at) }) : ''} ${t('window.closed_hint')}</span></p>
    <button type="button" class="button" onClick=${() => composeAs('note')}><${Icon} name="note" size=${16}/>
      ${t('command.note')}</button></div>`;
}

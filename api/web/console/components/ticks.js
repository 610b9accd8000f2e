// The truth about a delivery in one mark; pressing it shows every step of it.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, t } from '../../shared/i18n.js';
import { connection } from '../core/wire.js';
import { part } from './part.js';

const ICONS = { queued: 'clock', sending: 'clock', sent: 'check', delivered: 'checks', read: 'checks', failed: 'alert',
  uncertain: 'help' };
/** Every step of a message, in a dialog. */
export const Timeline = part(() => import('./timeline_dialog.js'), 'Timeline');

export function StateMark({ state, size = 16 }) {
  if (!ICONS[state]) return null;
  return html`<span class=${`state ${state}`}><${Icon} name=${ICONS[state]} size=${size} label=${t(`state.${state}`)}/>
    </span>`;
}

export function Ticks({ message }) {
  const [open, setOpen] = useState(false);
  const { state } = message;
  if (!ICONS[state] || message.note) return null;
  if (message.local && !message.id) {
    const waiting = connection.value.state === 'live' ? state : 'waiting';
    return html`<span class=${`ticks ${state}`} title=${t(`state.${waiting}`)}>
      <${Icon} name=${ICONS[state]} size=${16} label=${t(`state.${waiting}`)}/></span>`;
  }
  const label = t('ticks.label', { state: t(`state.${state}`) });
  return html`<button type="button" class=${`ticks ${state}`} aria-label=${label}
      title=${message.state_at ? `${t(`state.${state}`)} · ${exactTime(message.state_at)}` : label}
      onClick=${() => setOpen(true)}><${Icon} name=${ICONS[state]} size=${16}/></button>
    ${open && html`<${Timeline} message=${message} onClose=${() => setOpen(false)}/>`}`;
}

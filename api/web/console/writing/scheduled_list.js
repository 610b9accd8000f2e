// What waits above the composer to be sent at its hour, and what could not be sent when it came.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, shortDate, t } from '../../shared/i18n.js';
import { composeAs } from '../store/composing.js';
import { draft, writeDraft } from '../store/drafts.js';
import { may, me } from '../store/session.js';
import { notify } from '../store/announce.js';
import { cancelScheduled, dismissScheduled, scheduledOf } from '../store/scheduled.js';
import { ScheduleDialog } from './schedule_dialog.js';

export function ScheduledList({ id, detail }) {
  const [editing, setEditing] = useState(null);
  const cancel = (item) => cancelScheduled(id, item).catch((problem) => notify(problem.message));
  return html`<ul class="scheduled" role="list" aria-label=${t('schedule.list')}>
    ${scheduledOf(id).value.map((item) => html`<li key=${item.id} class=${item.state}>
      <${Icon} name=${item.state === 'failed' ? 'alert' : 'clock'} size=${16}/>
      <p><time datetime=${item.send_at} title=${exactTime(item.send_at)}>${shortDate(item.send_at)}</time>
        ${item.author.id !== me.value?.id && html` <span class="hint">${item.author.name}</span>`}
        <span class="scheduled-text" dir="auto">${item.text || t('kind.document')}</span>
        ${item.state === 'failed' && html`<span class="scheduled-why">${t('schedule.failed')} ${why(item.error)}</span>`}
      </p>
      ${item.state === 'waiting' && mine(item) && act('edit', 'schedule.change', () => setEditing(item))}
      ${item.state === 'waiting' && (mine(item) || may('conversation:read_all')) &&
        act('close', 'schedule.cancel', () => cancel(item))}
      ${item.state === 'failed' && mine(item) && item.text && act('edit', 'schedule.again', () => again(id, item))}
      ${item.state === 'failed' && act('close', 'action.dismiss', () => dismissScheduled(id, item))}
      </li>`)}</ul>
    ${editing && html`<${ScheduleDialog} id=${id} item=${editing} detail=${detail} onClose=${() => setEditing(null)}
        onDone=${() => setEditing(null)}/>`}`;
}

function mine(item) { return item.author.id === me.value?.id; }

function act(icon, name, run) {
  return html`<button type="button" class="icon-button small" title=${t(name)} aria-label=${t(name)} onClick=${run}>
    <${Icon} name=${icon} size=${16}/></button>`;
}

/** Its words go back into the composer, behind what stands there. */
function again(id, item) {
  writeDraft(id, 'reply', [draft(id, 'reply').peek(), item.text].filter(Boolean).join('\n'));
  dismissScheduled(id, item);
  composeAs('reply');
}

function why(error) { return error?.detail ?? error?.code ?? (typeof error === 'string' ? error : ''); }

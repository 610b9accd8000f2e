// What waits above the composer to be sent at its hour, and what could not be sent when it came.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, shortDate, t } from '../../shared/i18n.js';
import { me } from '../store/session.js';
import { notify } from '../store/announce.js';
import { cancelScheduled, scheduledOf } from '../store/scheduled.js';
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
      ${item.state === 'waiting' && html`<button type="button" class="icon-button small" title=${t('schedule.change')}
          aria-label=${t('schedule.change')} onClick=${() => setEditing(item)}><${Icon} name="edit" size=${16}/></button>
        <button type="button" class="icon-button small" title=${t('schedule.cancel')}
          aria-label=${t('schedule.cancel')} onClick=${() => cancel(item)}><${Icon} name="close" size=${16}/></button>`}
      </li>`)}</ul>
    ${editing && html`<${ScheduleDialog} id=${id} item=${editing} detail=${detail} onClose=${() => setEditing(null)}
        onDone=${() => setEditing(null)}/>`}`;
}

function why(error) { return error?.detail ?? error?.code ?? (typeof error === 'string' ? error : ''); }

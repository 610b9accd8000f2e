// The head of the thread: who it is, who else looks, and what can be done next.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, soonTime, t } from '../../shared/i18n.js';
import { closeOpen, markUnread, neighbours, panelOpen, snoozeOpen } from '../commands/registry.js';
import { now } from '../core/clock.js';
import { inboxHash, route } from '../core/router.js';
import { accept, assign, reopen, resume } from '../store/acts.js';
import { findOpen } from '../store/finding.js';
import { rowSignal } from '../store/rows.js';
import { viewers } from '../store/typing.js';
import { Avatar, channelName, contactName } from './avatar.js';
import { PeopleMenu } from './people_menu.js';
import { Popover } from './popover.js';
import { Waiting } from './row.js';

export function ThreadHead({ opened }) {
  const row = rowSignal(opened.id).value;
  const back = html`<a class="icon-button thread-back" href=${inboxHash(route.value.view)}
      aria-label=${t('action.back')}><${Icon} name="back"/></a>`;
  const can = opened.detail.value?.can ?? {};
  if (!row) return html`<header class="thread-head">${back}${opened.state.value.phase !== 'failed'
    && html`<span class="skeleton-line"></span>`}</header>`;
  return html`<header class="thread-head">
    ${back}
    <div class="thread-who"><h2 title=${contactName(row.contact)}>${contactName(row.contact)}</h2>
      <p><span class="thread-channel">${row.channel.name || channelName(row.channel.kind)}</span>
        <${Waiting} since=${row.status === 'open' ? row.waiting_since : null}/>
        ${row.status === 'closed' && html`<span class="tag more">${t('row.closed')}</span>`}
        ${row.snoozed_until && html`<span class="snoozed" title=${exactTime(row.snoozed_until)}>
          <${Icon} name="snooze" size=${16}/>${t('snooze.until', { time: soonTime(row.snoozed_until, now()) })}</span>`}
      </p></div>
    <${Viewers} id=${opened.id}/>
    <div class="thread-acts">
      ${row.status === 'open' && !row.assignee && can.accept !== false &&
        html`<button class="button primary" onClick=${() => accept(row.id)}>${t('command.accept')}</button>`}
      <${Assign} row=${row} allowed=${can.assign !== false && row.status === 'open'}/>
      ${(can.close !== false || can.reopen !== false) && (row.status === 'open'
        ? html`<button class="button act-close" title=${t('command.close')} onClick=${closeOpen}>
          <${Icon} name="archive" size=${16}/><span>${t('command.close')}</span></button>`
        : html`<button class="button act-close" title=${t('command.reopen')} onClick=${() => reopen(row.id)}>
          <${Icon} name="retry" size=${16}/><span>${t('command.reopen')}</span></button>`)}
      ${row.status === 'open' && can.close !== false && (row.snoozed_until
        ? html`<button class="button act-resume" onClick=${() => resume(row.id)}>${t('command.resume')}</button>`
        : html`<button class="icon-button act-snooze" aria-label=${t('command.snooze')} title=${t('command.snooze')}
            onClick=${snoozeOpen}><${Icon} name="snooze"/></button>`)}
      <button class="icon-button act-find" aria-label=${t('command.find')} title=${t('command.find')}
          onClick=${() => { findOpen.value = row.id; }}><${Icon} name="search"/></button>
      <button class="icon-button act-unread" aria-label=${t('command.unread')} title=${t('command.unread')}
          onClick=${markUnread}><${Icon} name="unread"/></button>
      <button class="icon-button act-panel" aria-label=${t('command.panel')} title=${t('command.panel')}
          aria-expanded=${panelOpen.value ? 'true' : 'false'}
        onClick=${() => { panelOpen.value = !panelOpen.value; }}><${Icon} name="panel"/></button>
    </div><${Neighbours} id=${opened.id}/></header>`;
}

function Viewers({ id }) {
  const others = viewers.value.get(id) ?? [];
  if (others.length === 0) return null;
  const label = t('thread.viewers', { names: others.map((one) => one.name).join(', ') });
  return html`<div class="viewers" title=${label}><span class="sr-only">${label}</span><${Icon} name="eye" size=${16}/>
    ${others.slice(0, 3).map((one) => html`<${Avatar} key=${one.id} name=${one.name} size=${24}/>`)}
    ${others.length > 3 && html`<span>+${others.length - 3}</span>`}</div>`;
}

/** To the conversation above or below in the list, as it stands. */
function Neighbours({ id }) {
  const { above, below, step } = neighbours(id);
  if (!above && !below) return null;
  const button = (by, there, name, extra) => html`<button type="button" class="icon-button" disabled=${!there}
    aria-label=${t(`command.${name}`)} title=${t(`command.${name}`)} onClick=${() => step(by)}>
    <${Icon} name="down" class=${extra}/></button>`;
  return html`<div class="neighbours">${button(-1, above, 'previous_open', 'flip')}
    ${button(1, below, 'next_open', '')}</div>`;
}

function Assign({ row, allowed }) {
  const label = row.assignee ? t('assign.to', { name: row.assignee.name })
    : `${t('assign.nobody')}. ${t('command.assign')}`;
  const button = html`<${Icon} name=${row.assignee ? 'user' : 'users'} size=${16}/><span>
    ${row.assignee?.name ?? t('assign.nobody')}</span><${Icon} name="down" size=${16}/>`;
  return html`<${Popover} label=${label} role="dialog" act="assign" disabled=${!allowed} class="button act-assign"
      boxClass="assign-menu" button=${button}>
    ${(done) => html`<${PeopleMenu} label=${label} row=${row} onPick=${(to) => { done(); assign(row.id, to); }}/>`}
  <//>`;
}

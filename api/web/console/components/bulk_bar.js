// Acts on the picked rows, their progress, what failed, and the way back.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { overlay } from '../commands/registry.js';
import { dismissBulk, runBulk, summary, tryAgain, undoBulk } from '../store/bulk.js';
import { tags } from '../store/directory.js';
import { shown } from '../store/inbox.js';
import { rowSignal } from '../store/rows.js';
import { bulk, clearPicked, pickAll, picked } from '../store/selection.js';
import { snoozing } from '../store/snoozing.js';
import { PeopleMenu } from './people_menu.js';
import { MenuItem, Popover } from './popover.js';

export function BulkBar() {
  const state = bulk.value;
  const count = picked.value.size;
  return html`<section class="bulk" aria-label=${t('bulk.label')}>
    ${state && html`<${Progress} state=${state}/>`}
    ${(count > 0 || !state) && html`<div class="bulk-head"><strong>${t('bulk.picked', { count })}</strong>
      ${count < shown.value.length && html`<button type="button" class="chip-act"
        onClick=${() => pickAll(shown.peek())}>${t('bulk.all', { count: shown.value.length })}</button>`}
      <button type="button" class="icon-button small" aria-label=${t('bulk.clear')} title=${t('bulk.clear')}
        onClick=${clearPicked}><${Icon} name="close" size=${16}/></button></div>`}
    ${count > 0 && html`<${Acts} busy=${state?.running}/>`}</section>`;
}

function Progress({ state }) {
  const { action, total, done, failed, running, undo } = state;
  if (running) {
    return html`<div class="bulk-progress" role="status"><span>${t('bulk.running', { done: done + failed, total })}</span>
      <progress max=${total} value=${done + failed} aria-label=${t(`bulk.${action}`)}></progress></div>`;
  }
  return html`<div class=${`bulk-done ${failed ? 'bad' : ''}`} role=${failed ? 'alert' : 'status'}>
    <${Icon} name=${failed ? 'alert' : 'check'} size=${16}/><span>${summary(state)}</span>
    ${failed > 0 && html`<button type="button" class="button small" onClick=${tryAgain}>${t('action.retry')}</button>`}
    ${undo && html`<button type="button" class="button small" data-act="undo" onClick=${undoBulk}>
      ${t('bulk.undo')}</button>`}
    <button type="button" class="icon-button small" aria-label=${t('action.dismiss')} onClick=${dismissBulk}>
      <${Icon} name="close" size=${16}/></button></div>`;
}

function Acts({ busy }) {
  const rows = [...picked.value].map((id) => rowSignal(id).value).filter(Boolean);
  const allClosed = rows.every((row) => row.status === 'closed');
  const act = (action, icon) => html`<button type="button" class="icon-button" disabled=${busy} data-bulk=${action}
    aria-label=${t(`bulk.${action}`)} title=${t(`bulk.${action}`)} onClick=${() => runBulk(action)}>
    <${Icon} name=${icon}/></button>`;
  const there = tags.value.filter((tag) => rows.some((row) => row.tags.some((one) => one.id === tag.id)));
  const snooze = () => {
    snoozing.value = { done: (until) => runBulk('snooze', { until }) };
    overlay.value = 'snooze';
  };
  return html`<div class="bulk-acts" role="group" aria-label=${t('bulk.acts')}>
    <${Popover} label=${t('bulk.assign')} role="dialog" boxClass="assign-menu" act="bulk-assign" disabled=${busy}
      button=${html`<${Icon} name="user"/>`}>
      ${(close) => html`<${PeopleMenu} label=${t('bulk.assign')} onPick=${(to) => { close(); runBulk('assign', to); }}/>`}<//>
    ${allClosed ? act('reopen', 'retry') : act('close', 'archive')}
    <${TagMenu} action="tag" icon="tag" list=${tags.value} busy=${busy}/>
    ${there.length > 0 && html`<${TagMenu} action="untag" icon="untag" list=${there} busy=${busy}/>`}
    <button type="button" class="icon-button" disabled=${busy || allClosed} aria-label=${t('bulk.snooze')}
      title=${t('bulk.snooze')} data-bulk="snooze" onClick=${snooze}><${Icon} name="snooze"/></button>
    ${act('read', 'check')}${act('unread', 'unread')}</div>`;
}

function TagMenu({ action, icon, list, busy }) {
  return html`<${Popover} label=${t(`bulk.${action}`)} act=${`bulk-${action}`} boxClass="assign-menu"
      disabled=${busy || list.length === 0} button=${html`<${Icon} name=${icon}/>`}>
    ${(close) => html`<div class="menu-scroll">${list.map((tag) => html`<${MenuItem} key=${tag.id}
      icon=${html`<${Icon} name="tag" size=${16}/>`}
      onPick=${() => { close(); runBulk(action, { tag_ids: [tag.id] }); }}>${tag.name}<//>`)}</div>`}<//>`;
}

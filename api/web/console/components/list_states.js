// What stands in the list where no rows do: loading, empty, refused, out of reach, the first day.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { has, t } from '../../shared/i18n.js';
import { inboxHash } from '../core/router.js';
import { channels } from '../store/directory.js';
import { clearFilters, narrowed, narrowing, place, viewIsGone } from '../store/filters.js';
import { pages, reload } from '../store/inbox.js';
import { counts } from '../store/rows.js';
import { isAdmin } from '../store/session.js';

export function Skeletons() {
  return html`<div class="skeletons" aria-hidden="true">
    ${[1, 2, 3, 4, 5, 6].map((n) => html`<div class="skeleton-row" key=${n}></div>`)}</div>`;
}

/** One designed state: an icon, what it is, what to do. */
export function ListState({ icon, title, words, alert = false, children }) {
  return html`<div class="list-empty" role=${alert ? 'alert' : 'status'}><${Icon} name=${icon} size=${24}/>
    <p><strong>${title}</strong></p>${words && html`<p>${words}</p>`}${children}</div>`;
}

export function Refused() {
  const { problem } = pages.value;
  const away = problem.status === 0;
  const forbidden = problem.status === 403 || problem.status === 404;
  return html`<${ListState} icon=${away ? 'offline' : 'alert'} alert=${true} words=${problem.message}
      title=${t(away ? 'empty.offline' : forbidden ? 'empty.refused' : 'empty.failed')}>
    ${!forbidden && html`<button class="button" onClick=${reload}>${t('action.retry')}</button>`}<//>`;
}

export function Empty() {
  if (viewIsGone.value) {
    return html`<${ListState} icon="bookmark" title=${t('empty.gone_view')} words=${t('empty.gone_view_hint')}>
      <a class="button" href=${inboxHash('mine')}>${t('view.mine')}</a><//>`;
  }
  if (narrowed.value && !place.value.saved) {
    return html`<${ListState} icon="filter" title=${t('empty.filtered')} words=${t('empty.filtered_hint')}>
      <button class="button" onClick=${clearFilters}>${t('filter.clear_all')}</button><//>`;
  }
  if (isFirstDay()) return html`<${FirstDay}/>`;
  const view = place.value.saved ? 'saved' : narrowing.value?.view;
  const icon = has(`empty.${view}`) ? { snoozed: 'snooze', mentions: 'mention', bots: 'bot', closed: 'archive' }[view] : '';
  return html`<${ListState} icon=${icon || 'inbox'} title=${t(`empty.${view}`)} words=${t(`empty.${view}_hint`)}/>`;
}

/** Nothing open, nothing ever closed: nobody has written yet. */
function isFirstDay() { return counts.value.all === 0 && counts.value.closed === 0 && !counts.value.snoozed; }

function FirstDay() {
  const none = channels.value.length === 0;
  return html`<${ListState} icon=${none ? 'channel' : 'webchat'} title=${t(none ? 'empty.first' : 'empty.first_wait')}
      words=${t(none ? isAdmin.value ? 'empty.first_hint' : 'empty.first_ask' : 'empty.first_wait_hint')}>
    ${isAdmin.value && html`<a class="button primary" href="#/settings/channels">${t('empty.first_act')}</a>`}<//>`;
}

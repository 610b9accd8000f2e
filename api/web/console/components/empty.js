// What stands in a list without rows: why it is empty, and what can be done about it.
import { html } from '../../shared/html.js';
import { has, t } from '../../shared/i18n.js';
import { inboxHash } from '../core/router.js';
import { channels } from '../store/directory.js';
import { clearFilters, narrowed, narrowing, place, viewIsGone } from '../store/filters.js';
import { counts } from '../store/rows.js';
import { isAdmin } from '../store/session.js';
import { ListState } from './list_states.js';

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

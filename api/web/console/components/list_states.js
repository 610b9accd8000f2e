// What stands in the list where no rows do: loading, refused, out of reach; empty.js has the rest.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { pages, reload } from '../store/inbox.js';

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

// Where the visitor of a web chat is now, and since when we know them.
import { html } from '../../shared/html.js';
import { span, t } from '../../shared/i18n.js';
import { secondsSince } from '../core/clock.js';
import { Fact, When } from './fact.js';

export function Visitor({ visitor }) {
  const { online, page, since, first_seen_at: first, visits, locale } = visitor;
  return html`<section class="panel-part"><h3>${t('visitor.title')}</h3><dl class="facts">
    <${Fact} name=${t('visitor.now')}><span class="visitor-now"><span class=${`dot still ${online ? 'online' : 'offline'}`}>
      </span>${t(online ? 'visitor.online' : 'visitor.offline')}
      ${since && html` <span class="hint">${t('visitor.for', { time: span(secondsSince(since)) })}</span>`}</span><//>
    ${page && html`<${Fact} name=${t('visitor.page')}><${Page} page=${page}/><//>`}
    ${first && html`<${Fact} name=${t('visitor.first')}><${When} at=${first}/><//>`}
    ${visits > 0 && html`<${Fact} name=${t('visitor.visits')}>${String(visits)}<//>`}
    ${locale && html`<${Fact} name=${t('settings.language')}>${locale}<//>`}</dl></section>`;
}

/** The page's own words; its address is a link only when it is one of the web. */
function Page({ page: { url, title } }) {
  const safe = /^https?:\/\//i.test(url ?? '');
  return html`<span class="visitor-page" dir="auto">${title && html`<b>${title}</b>`}
    ${safe ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${url}</a>` : url && html`<span>${url}</span>`}
  </span>`;
}

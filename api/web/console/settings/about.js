// What this is, which version, and where its interface is described.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { get } from '../core/api.js';
import { me } from '../store/session.js';
import { Fact } from './fields.js';
import { Head, Loaded, Part, useLoad } from './page.js';

const PAGES = [['/api/docs', 'about.docs'], ['/api/redoc', 'about.reference'], ['/api/schema', 'about.schema']];

export function Page() {
  const load = useLoad(() => get('/installation'));
  return html`<${Head} title=${t('place.about')}/>
    <${Loaded} load=${load}>${(found) => html`
      <${Part} name="version"><div class="about-name"><img src="/web/console/icon.svg" alt="" width="48" height="48"/>
          <div><strong>Switchboard</strong><span class="hint">${t('about.version')} ${found.version ?? '—'}</span></div></div>
        <${Fact} label=${t('about.organization')}>${me.value.organization.name} · ${me.value.organization.slug}<//><//>
      <${Part} title=${t('about.api')} name="api">${found.docs
        ? html`<p>${t('about.api_words')}</p><ul class="plain-list">${PAGES.map(([href, key]) => html`<li key=${href}>
            <a href=${href} target="_blank" rel="noopener">${t(key)}</a></li>`)}</ul>`
        : html`<p class="hint">${t('about.api_off')}</p>`}<//>`}<//>`;
}

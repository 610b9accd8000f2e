// The organization: its name, the language and the clock that new people and customers get.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { get, patch } from '../core/api.js';
import { may, refreshMe } from '../store/session.js';
import { Fact, languages, Select, Text } from './fields.js';
import { Sheet, useForm } from './form.js';
import { Head, Loaded, Part, useLoad } from './page.js';
import { Zone } from './zones.js';

export function Page() {
  const load = useLoad(() => get('/organization'));
  return html`<${Head} title=${t('place.organization')}
      intro=${t(may('organization:manage') ? 'organization.intro' : 'form.read_only')}/>
    <${Part}><${Loaded} load=${load}>${(found) => html`<${Facts} found=${found}/>`}<//><//>`;
}

function Facts({ found }) {
  const pick = ({ name, locale, time_zone: zone }) => ({ name, locale, time_zone: zone });
  const form = useForm(pick(found), async (changes) => {
    const now = await patch('/organization', changes);
    await refreshMe();
    return pick(now);
  }, { locked: !may('organization:manage') });
  return html`<${Sheet} form=${form}>
    <${Text} form=${form} name="name" label=${t('organization.name')} hint=${t('organization.name_hint')}
        maxlength="120" required/>
    <div class="two-up"><${Select} form=${form} name="locale" label=${t('organization.language')} options=${languages()}
        hint=${t('organization.language_hint')}/>
      <${Zone} form=${form} label=${t('organization.time_zone')} hint=${t('organization.time_zone_hint')}/></div>
    <${Fact} label=${t('organization.slug')}>${found.slug}<//><//>`;
}

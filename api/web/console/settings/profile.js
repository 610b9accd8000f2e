// Me: my name and zone, the language and look of the page, and how my keys behave.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { locale, t } from '../../shared/i18n.js';
import { keyName } from '../commands/keys.js';
import { load } from '../core/storage.js';
import { afterClose, chooseAfterClose, chooseSendKey, sendKey } from '../store/preferences.js';
import { changeProfile, me } from '../store/session.js';
import { pickLocale, pickTheme } from '../components/rail.js';
import { Fact, languages, Radios, Text } from './fields.js';
import { Sheet, useForm } from './form.js';
import { Head, Part } from './page.js';
import { Zone } from './zones.js';

export function Page() {
  const user = me.value;
  return html`<${Head} title=${t('place.profile')} intro=${t('profile.intro')}/>
    <${Part} title=${t('profile.who')}><${Who} user=${user}/><//>
    <${Part} title=${t('profile.look')} intro=${t('profile.look_words')}><${Look}/><//>
    <${Part} title=${t('profile.keys')} intro=${t('profile.keys_words')}><${Keys}/><//>`;
}

function Who({ user }) {
  const form = useForm({ name: user.name, time_zone: user.time_zone }, async (changes) => {
    if (changes.name !== undefined) changes.name = changes.name.trim();
    await changeProfile(changes);
    return { name: me.value.name, time_zone: me.value.time_zone };
  });
  return html`<${Sheet} form=${form}><div class="two-up">
      <${Text} form=${form} name="name" label=${t('profile.name')} hint=${t('profile.name_hint')} autocomplete="name"
          maxlength="120" required/>
      <${Zone} form=${form} label=${t('profile.time_zone')} hint=${t('profile.time_zone_hint')}/></div>
    <div class="two-up facts-up"><${Fact} label=${t('profile.email')}>${user.email}<//>
      <${Fact} label=${t('profile.role')}>${t(`role.${user.role}`)} · ${user.organization.name}<//></div><//>`;
}

function Look() {
  const [theme, setTheme] = useState(load('theme', 'system'));
  const choose = (one) => { setTheme(one); pickTheme(one); };
  return html`<div class="two-up">
    <${Radios} name="locale" legend=${t('profile.language')} value=${locale.value} options=${languages()}
        onPick=${pickLocale}/>
    <${Radios} name="theme" legend=${t('profile.theme')} value=${theme} onPick=${choose}
        options=${['system', 'light', 'dark'].map((one) => [one, t(`theme.${one}`)])}/></div>`;
}

function Keys() {
  const mod = keyName('Mod+Enter');
  return html`<div class="two-up">
    <${Radios} name="send_key" legend=${t('profile.send_key')} value=${sendKey.value} onPick=${chooseSendKey}
        options=${[['enter', t('profile.send_enter'), t('profile.send_enter_hint')],
          ['mod_enter', t('profile.send_mod', { key: mod }), t('profile.send_mod_hint')]]}/>
    <${Radios} name="after_close" legend=${t('profile.after_close')} value=${afterClose.value}
        onPick=${chooseAfterClose} options=${[['stay', t('profile.after_stay')], ['next', t('profile.after_next')]]}/>
  </div>`;
}

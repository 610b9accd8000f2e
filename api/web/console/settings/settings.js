// The settings page: its sections down the side, one of them open.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { route } from '../core/router.js';
import { isAdmin } from '../store/session.js';
import { Channels } from './channels.js';
import { Profile } from './profile.js';
import { Users } from './users.js';

const PAGES = { profile: Profile, users: Users, channels: Channels };

export function Settings() {
  const names = isAdmin.value ? ['profile', 'users', 'channels'] : ['profile', 'channels'];
  const here = names.includes(route.value.section) ? route.value.section : 'profile';
  return html`<nav class="settings-nav" aria-label=${t('rail.settings')}><h1>${t('rail.settings')}</h1>
      ${names.map((name) => html`<a key=${name} href=${`#/settings/${name}`}
          aria-current=${here === name ? 'page' : null}>${t(`settings.${name}`)}</a>`)}</nav>
    <main class="settings" aria-label=${t(`settings.${here}`)}><${PAGES[here]}/></main>`;
}

// The narrow rail: where to go, and at its foot who I am and whether I can be given work.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { LOCALES, locale, t, useCatalogue } from '../../shared/i18n.js';
import { openCommands, overlay } from '../commands/registry.js';
import { inboxHash, route } from '../core/router.js';
import { load, save } from '../core/storage.js';
import { notify } from '../store/announce.js';
import { ownState, presenceOf, setOwnState } from '../store/directory.js';
import { place } from '../store/filters.js';
import { counts } from '../store/rows.js';
import { applyTheme, changeProfile, me, signOut } from '../store/session.js';
import { Avatar } from './avatar.js';
import { Bell } from './bell.js';
import { inboxPart } from './inbox_part.js';
import { MenuItem, Popover } from './popover.js';

const Team = inboxPart(() => import('./team.js'), 'Team');

export function Rail() {
  const { page } = route.value;
  return html`<nav class="rail" aria-label=${t('rail.label')}>
    <${Place} icon="inbox" href=${inboxHash(place.value.view, null, null, place.value.query)} here=${page === 'inbox'} name=${t('rail.inbox')}
        badge=${counts.value.unread}/>
    <${Place} icon="settings" href="#/settings" here=${page === 'settings'} name=${t('rail.settings')}/>
    <${Bell}/>
    <span class="rail-gap"></span>
    <button class="icon-button" aria-label=${t('command.commands')} title=${t('command.commands')}
        onClick=${openCommands}><${Icon} name="command"/></button>
    <button class="icon-button rail-help" aria-label=${t('command.help')} title=${t('command.help')}
        onClick=${() => { overlay.value = 'help'; }}><${Icon} name="help"/></button>
    <${Popover} label=${t('team.label')} role="dialog" class="icon-button rail-team" boxClass="team-box" act="team"
        button=${html`<${Icon} name="users"/>`}>${() => html`<${Team}/>`}<//>
    <${Load}/>
    <${OwnMenu}/>
  </nav>`;
}

/** How much I have in hand, above my own face. */
function Load() {
  const { mine } = counts.value;
  if (mine === null || mine === undefined) return null;
  const label = t('rail.load', { count: mine });
  return html`<a class="rail-load" href=${inboxHash('mine', null, null, '')} aria-label=${label} title=${label}>
    <${Icon} name="inbox" size=${12}/>${mine > 999 ? '999+' : mine}</a>`;
}

function Place({ icon, href, here, name, badge = 0 }) {
  return html`<a class="rail-place" href=${href} aria-current=${here ? 'page' : null}
      aria-label=${badge ? t('rail.unread', { name, count: badge }) : name} title=${name}>
    <${Icon} name=${icon} size=${24}/>
      ${badge > 0 && html`<span class="rail-badge" aria-hidden="true">${badge > 99 ? '99+' : badge}</span>`}</a>`;
}

function OwnMenu() {
  const user = me.value;
  const state = presenceOf(user.id);
  const label = t('rail.me', { name: user.name, state: t(`presence.${state}`) });
  return html`<${Popover} label=${label} class="own-button" boxClass="own-menu"
      button=${html`<${Avatar} name=${user.name} size=${36} presence=${state}/>`}>
    ${(close) => html`
      <div class="menu-head"><strong>${user.name}</strong><span>${user.organization.name}</span></div>
      <div role="group" aria-label=${t('rail.presence')}>${['online', 'away', 'busy'].map((one) => html`
        <${MenuItem} key=${one} checked=${ownState.value === one}
            icon=${html`<span class=${`dot still ${one}`}></span>`}
          onPick=${() => { setOwnState(one); close(); }}>${t(`presence.${one}`)}<//>`)}</div>
      <div role="group" aria-label=${t('settings.theme')} class="menu-group">
        ${['system', 'light', 'dark'].map((theme) => html`
        <${MenuItem} key=${theme} checked=${load('theme', 'system') === theme}
            icon=${html`<span class="menu-space"></span>`}
          onPick=${() => { close(); pickTheme(theme); }}>${t(`theme.${theme}`)}<//>`)}</div>
      <div role="group" aria-label=${t('settings.language')} class="menu-group">${LOCALES.map((tag) => html`
        <${MenuItem} key=${tag} checked=${locale.value === tag} icon=${html`<span class="menu-space"></span>`}
          onPick=${() => { close(); pickLocale(tag); }}>${t(`language.${tag}`)}<//>`)}</div>
      <div class="menu-group"><${MenuItem} icon=${html`<${Icon} name="logout" size=${16}/>`}
          onPick=${() => signOut().catch((problem) => notify(problem.message))}>${t('command.sign_out')}<//></div>`}
  <//>`;
}

/** Shown at once; the profile follows, and a refusal is told without taking the look back. */
export function pickTheme(theme) {
  applyTheme(theme);
  changeProfile({ theme }).catch((problem) => notify(problem.message));
}

export async function pickLocale(tag) {
  await useCatalogue(tag);
  save('locale', tag);
  changeProfile({ locale: tag }).catch((problem) => notify(problem.message));
}

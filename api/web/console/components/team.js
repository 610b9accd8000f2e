// Who is here: all colleagues by presence.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { activeUsers, presenceOf } from '../store/directory.js';
import { me } from '../store/session.js';
import { Avatar } from './avatar.js';

const STATES = ['online', 'busy', 'away', 'offline'];

export function Team() {
  const people = [...activeUsers.value].sort((one, two) => one.name.localeCompare(two.name));
  if (people.length === 0) return html`<p class="menu-title">${t('team.none')}</p>`;
  return html`<div class="team" tabindex="0" role="group" aria-label=${t('team.label')}>${STATES.map((state) => {
    const here = people.filter((user) => presenceOf(user.id) === state);
    if (here.length === 0) return null;
    return html`<section key=${state} aria-label=${t(`presence.${state}`)}>
      <h3 class="menu-title">${t(`presence.${state}`)} <span class="view-count">${here.length}</span></h3>
      <ul role="list">${here.map((user) => html`<li key=${user.id} class="team-line">
        <${Avatar} name=${user.name} size=${24} presence=${state}/>
        <span class="menu-text">${user.id === me.value?.id ? t('assign.me', { name: user.name }) : user.name}</span>
        <span class="hint">${user.departments?.map((one) => one.name).join(', ')}</span></li>`)}</ul></section>`;
  })}</div>`;
}

// Departments and who is in them: what decides which conversations an agent sees.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { del, get, patch, post } from '../core/api.js';
import { go, route } from '../core/router.js';
import { notify } from '../store/announce.js';
import { refreshDepartments, users } from '../store/directory.js';
import { may } from '../store/session.js';
import { Avatar } from '../components/avatar.js';
import { Text } from './fields.js';
import { Sheet, SaveLine, useForm } from './form.js';
import { Confirm, Empty, Head, Loaded, Part, useLoad } from './page.js';
import { PickMany } from './pick_many.js';

const LIST = '#/settings/departments';
const FACES = 5;

export function Page() {
  const { id } = route.value;
  const load = useLoad(async () => (await get('/departments', { page_size: 100 })).results);
  const manages = may('department:manage');
  if (id === 'new' && manages) return html`<${Head} title=${t('departments.add')} back=${[LIST, t('place.departments')]}/>
    <${Part}><${Edit} onSaved=${load.reload}/><//>`;
  const one = load.data?.find((found) => found.id === id);
  if (id && one) return html`<${Open} key=${id} one=${one} reload=${load.reload} locked=${!manages}/>`;
  return html`<${Head} title=${t('place.departments')} intro=${t('departments.intro')}>
      ${manages && html`<a class="button primary" name="add" href=${`${LIST}/new`}><${Icon} name="plus" size=${16}/>
        ${t('departments.add')}</a>`}<//>
    <${Part}><${Loaded} load=${load}>${(all) => (all.length === 0
      ? html`<${Empty} icon="tree" title=${t('departments.none')}><p class="hint">${t('departments.none_hint')}</p><//>`
      : html`<ul class="set-list" role="list">${all.map((found) => html`<${Row} key=${found.id} one=${found}/>`)}</ul>`)}
    <//><//>`;
}

function membersOf(one) { return users.value.filter((user) => one.member_ids.includes(user.id)); }

function Row({ one }) {
  const members = membersOf(one);
  return html`<li class="set-row"><${Icon} name="tree" size=${24}/>
    <div class="set-row-main"><a class="set-row-link" href=${`${LIST}/${one.id}`}>${one.name}</a>
      <span class="hint">${t('departments.members', { count: one.member_ids.length })}</span></div>
    <span class="faces" aria-hidden="true">${members.slice(0, FACES).map((user) => html`
      <${Avatar} key=${user.id} name=${user.name} size=${24}/>`)}</span><${Icon} name="back" size=${16} class="flip"/></li>`;
}

function Open({ one, reload, locked }) {
  const [asking, setAsking] = useState(false);
  const gone = () => { notify(t('departments.deleted', { name: one.name }), 'good'); refreshDepartments(); reload(); go(LIST); };
  return html`<${Head} title=${one.name} back=${[LIST, t('place.departments')]}/>
    <${Part}><${Edit} one=${one} locked=${locked} onSaved=${reload}/><//>
    ${!locked && html`<${Part}><div class="set-line"><p>${t('departments.delete_words')}</p>
      <button type="button" class="button bad" onClick=${() => setAsking(true)}><${Icon} name="trash" size=${16}/>
        ${t('departments.delete')}</button></div><//>`}
    ${asking && html`<${Confirm} title=${t('departments.delete_title', { name: one.name })} label=${t('departments.delete')}
        words=${t('departments.delete_words')} act=${() => del(`/departments/${one.id}`)}
        onClose=${() => setAsking(false)} onDone=${gone}/>`}`;
}

function Edit({ one, locked, onSaved }) {
  const pick = (found) => ({ name: found.name, member_ids: [...found.member_ids].sort() });
  const form = useForm(one ? pick(one) : { name: '', member_ids: [] }, async (changes, values) => {
    const now = one ? await patch(`/departments/${one.id}`, changes) : await post('/departments', values);
    refreshDepartments();
    return pick(now);
  }, { locked, done: () => { onSaved(); if (!one) { notify(t('departments.added'), 'good'); go(LIST); } } });
  const foot = one ? undefined : html`<${SaveLine} form=${form} label=${t('departments.add')} onCancel=${() => go(LIST)}/>`;
  const people = users.value.filter((user) => user.is_active || form.values.member_ids.includes(user.id))
    .map((user) => ({ id: user.id, name: user.name, more: t(`role.${user.role}`) }));
  return html`<${Sheet} form=${form} foot=${foot}>
    <${Text} form=${form} name="name" label=${t('departments.name')} maxlength="120"/>
    <${PickMany} form=${form} name="member_ids" legend=${t('departments.people')} options=${people}/><//>`;
}

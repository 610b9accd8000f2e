// Writing a prepared text: its shortcut, its words with variables, and how they will read.
import { useRef } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { patch, post } from '../core/api.js';
import { go } from '../core/router.js';
import { notify } from '../store/announce.js';
import { channels, departments } from '../store/directory.js';
import { may, me } from '../store/session.js';
import { Area, Fact, Radios, Select, Text } from './fields.js';
import { Sheet, SaveLine, useForm } from './form.js';
import { Head, Part } from './page.js';

const LIST = '#/settings/replies';
const LONGEST = 4096;
const VARIABLES = ['contact.name', 'contact.first_name', 'agent.name', 'agent.first_name', 'organization.name',
  'channel.name'];

export function EditReply({ one, locked, onSaved }) {
  const start = one ?? { title: '', shortcut: '', body: '', scope: 'personal', department_id: null };
  const pick = ({ title, shortcut, body, scope, department_id: department }) =>
    ({ title, shortcut, body, scope, department_id: department ?? '' });
  const form = useForm(pick(start), async (changes, values) => {
    const send = (given) => ({ ...given, ...('department_id' in given ? { department_id: given.department_id || null } : {}) });
    const now = one ? await patch(`/canned-responses/${one.id}`, send(changes)) : await post('/canned-responses', send(values));
    return pick(now);
  }, { locked, done: () => { onSaved(); if (!one) { notify(t('replies.added'), 'good'); go(LIST); } } });
  const foot = one ? undefined : html`<${SaveLine} form=${form} label=${t('replies.add')} onCancel=${() => go(LIST)}/>`;
  return html`<${Head} title=${one ? one.title : t('replies.add')} back=${[LIST, t('place.replies')]}
      intro=${locked ? t('form.read_only') : undefined}/>
    <${Part}><${Sheet} form=${form} foot=${foot}>
      <div class="two-up"><${Text} form=${form} name="title" label=${t('replies.title')} maxlength="120" autocomplete="off"/>
        <${Text} form=${form} name="shortcut" label=${t('replies.shortcut')} hint=${t('replies.shortcut_hint')}
            maxlength="40" autocapitalize="none" spellcheck=${false} autocomplete="off"/></div>
      <${Scope} form=${form} made=${Boolean(one)}/>
      <${Body} form=${form}/><${Preview} body=${form.values.body}/><//><//>`;
}

/** Who has it is settled when it is made. */
function Scope({ form, made }) {
  const { scope } = form.values;
  if (made || form.locked) return html`<${Fact} label=${t('replies.scope')}>${t(`replies.is_${scope}`)}<//>
    ${scope === 'organization' && html`<${Department} form=${form}/>`}`;
  if (!may('canned:manage')) return null;
  return html`<${Radios} name="scope" legend=${t('replies.scope')} value=${scope} onPick=${(one) => form.set('scope', one)}
      options=${[['personal', t('replies.is_personal'), t('replies.personal_hint')],
        ['organization', t('replies.is_organization'), t('replies.organization_hint')]]}/>
    ${scope === 'organization' && html`<${Department} form=${form}/>`}`;
}

function Department({ form }) {
  if (departments.value.length === 0) return null;
  return html`<${Select} form=${form} name="department_id" label=${t('replies.department')}
      options=${[['', t('replies.everybody')], ...departments.value.map((one) => [one.id, one.name])]}/>`;
}

function Body({ form }) {
  const box = useRef(null);
  const insert = (name) => {
    const area = box.current.querySelector('textarea');
    const { selectionStart: from, selectionEnd: to, value } = area;
    const mark = `{{${name}}}`;
    form.set('body', value.slice(0, from) + mark + value.slice(to));
    requestAnimationFrame(() => { area.focus(); area.setSelectionRange(from + mark.length, from + mark.length); });
  };
  return html`<div ref=${box} class="reply-body"><${Area} form=${form} name="body" label=${t('replies.body')} rows=${6}
      maxlength=${LONGEST} hint=${t('replies.left', { count: LONGEST - form.values.body.length })}/>
    ${!form.locked && html`<div class="chips" role="group" aria-label=${t('replies.variables')}>
      <span class="hint">${t('replies.variables')}</span>${VARIABLES.map((name) => html`<button key=${name} type="button"
          class="chip" onClick=${() => insert(name)}>${t(`variable.${name}`)}</button>`)}</div>`}</div>`;
}

/** With names as they might be; the server fills in the true ones in the conversation, by the same rule. */
function Preview({ body }) {
  if (!body.trim()) return null;
  const own = me.value;
  const first = (name) => name.split(/\s+/)[0];
  const contact = t('replies.example_contact');
  const values = { 'contact.name': contact, 'contact.first_name': first(contact), 'agent.name': own.name,
    'agent.first_name': first(own.name), 'organization.name': own.organization.name,
    'channel.name': channels.value[0]?.name ?? t('channel.webchat') };
  const parts = body.split(/(\{\{\s*[\w.]+\s*\}\})/);
  return html`<figure class="reply-preview"><figcaption class="hint">${t('replies.preview')}</figcaption>
    <blockquote>${parts.map((part, index) => {
      const name = /^\{\{\s*([\w.]+)\s*\}\}$/.exec(part)?.[1];
      if (!name) return part;
      return name in values ? html`<b key=${index}>${values[name]}</b>`
        : html`<span key=${index} class="unknown-variable" title=${t('replies.unknown_variable')}>${part}</span>`;
    })}</blockquote>
    ${parts.some((part) => /^\{\{/.test(part) && !(part.replace(/[{}\s]/g, '') in values))
      && html`<p class="field-wrong" role="status">${t('replies.unknown_variable')}</p>`}</figure>`;
}

// What is known beside the thread: the contact, where the visitor is, tags, facts, the engagement and those before.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { TagEditor } from '../components/tag_editor.js';
import { rowSignal } from '../store/rows.js';
import { may } from '../store/session.js';
import { thread } from '../store/threads.js';
import { visitors } from '../store/visitors.js';
import { Contact } from './contact.js';
import { Engagement } from './engagement.js';
import { Fields } from './fields.js';
import { Previous } from './previous.js';
import { Visitor } from './visitor.js';

export function Details({ id }) {
  const row = rowSignal(id).value;
  const detail = thread(id).detail.value;
  if (!row) return null;
  const contact = detail?.contact ?? row.contact;
  const visitor = visitors.value.get(id) ?? detail?.visitor;
  return html`<${Contact} row=${row} contact=${contact}/>
    ${visitor && html`<${Visitor} visitor=${visitor}/>`}
    <section class="panel-part"><h3>${t('panel.tags')}</h3>
      <${TagEditor} row=${row} allowed=${detail?.can?.tag !== false}/></section>
    ${detail && html`<${Fields} entity="contact" id=${id} owner=${contact} allowed=${may('contact:write')}/>
      <${Fields} entity="conversation" id=${id} owner=${row} allowed=${detail.can?.tag !== false}/>`}
    <${Engagement} row=${row} engagement=${detail?.engagement}/>
    ${detail && html`<${Previous} id=${id} contact=${contact}/>`}`;
}

// Who it is: the name and the addresses, changed where they stand.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { has, t } from '../../shared/i18n.js';
import { del, post } from '../core/api.js';
import { renameContact } from '../store/acts.js';
import { notify } from '../store/announce.js';
import { may } from '../store/session.js';
import { refreshDetail, thread } from '../store/threads.js';
import { Avatar, channelName, contactName } from '../components/avatar.js';
import { Copy } from '../components/copy_button.js';
import { Fact, When } from './fact.js';
import { InPlace, words } from './in_place.js';

export function Contact({ row, contact }) {
  const name = contactName(row.contact);
  const write = may('contact:write');
  const rename = async (next) => { if (next) await renameContact(row.id, contact.id, next); };
  return html`<section class="panel-part contact">
    <div class="contact-top"><${Avatar} name=${name} size=${48}/>
      <div class="contact-name"><${InPlace} label=${t('panel.name')} value=${row.contact.name} shown=${name}
          allowed=${write} onSave=${rename} input=${{ maxlength: 200 }}/></div></div>
    <dl class="facts">
      <${Fact} name=${t('panel.channel')}>${row.channel.name} <span class="hint">
        ${channelName(row.channel.kind)}</span><//>
      ${(contact.identities ?? []).map((one) => html`<${Identity} key=${one.id} row=${row} contact=${contact}
          identity=${one} allowed=${write}/>`)}
      ${contact.created_at && html`<${Fact} name=${t('panel.since')}><${When} at=${contact.created_at}/><//>`}
    </dl>
    ${write && html`<${AddIdentity} row=${row} contact=${contact}/>`}</section>`;
}

function Identity({ row, contact, identity, allowed }) {
  const value = identity.display || identity.value;
  const [busy, setBusy] = useState(false);
  const typed = ['email', 'phone'].includes(identity.kind);
  const remove = async () => {
    setBusy(true);
    try {
      await del(`/contacts/${contact.id}/identities/${identity.id}`);
      await refreshDetail(thread(row.id));
    } catch (problem) {
      notify(words(problem));
      setBusy(false);
    }
  };
  return html`<${Fact} name=${has(`identity.${identity.kind}`) ? t(`identity.${identity.kind}`) : identity.kind}>
    <span class="identity"><${Copy} text=${value}>${value}<//>
      ${allowed && typed && html`<button type="button" class="icon-button small" disabled=${busy}
          aria-label=${t('panel.remove_identity', { value })} title=${t('panel.remove_identity', { value })}
          onClick=${remove}><${Icon} name="close" size=${16}/></button>`}</span><//>`;
}

function AddIdentity({ row, contact }) {
  const [kind, setKind] = useState(null);
  const [problem, setProblem] = useState(null);
  const leave = () => { setKind(null); setProblem(null); };
  const add = async (event) => {
    event.preventDefault();
    setProblem(null);
    try {
      await post(`/contacts/${contact.id}/identities`, { kind, value: new FormData(event.target).get('value').trim() });
      await refreshDetail(thread(row.id));
      leave();
    } catch (refusal) {
      setProblem(refusal.extra?.contact ? { message: t('panel.identity_taken', refusal.extra.contact) } : refusal);
    }
  };
  if (!kind) return html`<div class="panel-adds">${['email', 'phone'].map((one) => html`<button key=${one} type="button"
      class="button small" onClick=${() => setKind(one)}><${Icon} name="plus" size=${16}/>${t(`identity.${one}`)}
    </button>`)}</div>`;
  return html`<form class="in-place-form" onSubmit=${add}>
    <input name="value" type=${kind === 'email' ? 'email' : 'tel'} required maxlength="254" aria-label=${t(`identity.${kind}`)}
        placeholder=${t(`identity.${kind}`)} autocomplete="off" ref=${(box) => box?.focus()}
        aria-invalid=${problem ? 'true' : null}
        onKeyDown=${(event) => { if (event.key === 'Escape') { event.preventDefault(); leave(); } }}/>
    ${problem && html`<p class="field-wrong" role="alert">${words(problem)}</p>`}
    <div class="panel-adds"><button class="button small primary">${t('action.save')}</button>
      <button type="button" class="button small" onClick=${leave}>${t('action.cancel')}</button></div></form>`;
}

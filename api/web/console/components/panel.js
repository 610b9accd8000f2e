// What is known beside the thread: the contact, how to reach them, the engagement and its clocks, tags.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, has, shortDate, span, t } from '../../shared/i18n.js';
import { panelOpen } from '../commands/registry.js';
import { now, secondsSince } from '../core/clock.js';
import { renameContact } from '../store/acts.js';
import { rowSignal } from '../store/rows.js';
import { may } from '../store/session.js';
import { thread } from '../store/threads.js';
import { Avatar, channelName, contactName } from './avatar.js';
import { TagEditor } from './tag_editor.js';

export function Panel({ id }) {
  const row = rowSignal(id).value;
  const detail = thread(id).detail.value;
  const close = useRef(null);
  // Where it slides over the thread, the focus goes with it; beside the thread its close button is not shown.
  useEffect(() => { if (panelOpen.value) close.current?.focus(); }, [panelOpen.value]);
  return html`<aside class="panel" aria-label=${t('panel.label')}>
    <header class="panel-head"><h2>${t('panel.label')}</h2>
      <button ref=${close} class="icon-button panel-close" aria-label=${t('action.close')}
          onClick=${() => { panelOpen.value = false; }}><${Icon} name="close"/></button></header>
    ${row && html`<${Contact} row=${row} contact=${detail?.contact ?? row.contact}/>`}
    ${row && html`<section class="panel-part"><h3>${t('panel.tags')}</h3>
      <${TagEditor} row=${row} allowed=${detail?.can?.tag !== false}/></section>`}
    ${row && html`<${Engagement} row=${row} engagement=${detail?.engagement}/>`}
    <section class="panel-part"><h3>${t('panel.previous')}</h3><p class="hint">${t('panel.no_previous')}</p></section>
  </aside>`;
}

function Contact({ row, contact }) {
  const name = contactName(row.contact);
  return html`<section class="panel-part contact">
    <div class="contact-top"><${Avatar} name=${name} size=${48}/><${Name} row=${row} contact=${contact}/></div>
    <dl class="facts">
      <${Fact} name=${t('panel.channel')}>${row.channel.name} <span class="hint">
        ${channelName(row.channel.kind)}</span><//>
      ${(contact.identities ?? []).map((one) => html`<${Fact} key=${one.id}
          name=${has(`identity.${one.kind}`) ? t(`identity.${one.kind}`) : one.kind}>
            <${Copied} value=${one.display || one.value}/><//>`)}
      ${contact.created_at && html`<${Fact} name=${t('panel.since')}>
        <time datetime=${contact.created_at} title=${exactTime(contact.created_at)}>
          ${shortDate(contact.created_at)}</time><//>`}
    </dl></section>`;
}

function Name({ row, contact }) {
  const [editing, setEditing] = useState(false);
  const input = useRef(null);
  useEffect(() => { if (editing) input.current?.select(); }, [editing]);
  const save = async () => {
    const name = input.current.value.trim();
    setEditing(false);
    if (name && name !== row.contact.name) await renameContact(row.id, contact.id, name);
  };
  if (!editing) {
    return html`<div class="contact-name"><strong>${contactName(row.contact)}</strong>
      ${may('contact:write') && html`<button class="icon-button small" aria-label=${t('panel.rename')}
          title=${t('panel.rename')} onClick=${() => setEditing(true)}><${Icon} name="edit" size=${16}/>
            </button>`}</div>`;
  }
  return html`<form class="contact-name" onSubmit=${(event) => { event.preventDefault(); save(); }}>
    <input ref=${input} type="text" aria-label=${t('panel.name')} value=${row.contact.name ?? ''} maxlength="200"
        onKeyDown=${(event) => { if (event.key === 'Escape') { event.preventDefault(); setEditing(false); } }}/>
    <button class="button small primary">${t('action.save')}</button></form>`;
}

function Copied({ value }) {
  const [done, setDone] = useState(false);
  const copy = async () => { await navigator.clipboard.writeText(value); setDone(true); setTimeout(() => setDone(false), 1500); };
  return html`<span class="copied"><span>${value}</span>
    <button class="icon-button small" aria-label=${t('panel.copy', { value })} title=${t('message.copy')}
        onClick=${copy}><${Icon} name=${done ? 'check' : 'copy'} size=${16}/></button></span>`;
}

function Engagement({ row, engagement }) {
  if (!engagement) return null;
  const { number, opened_at: opened, accepted_at: accepted, first_reply_at: replied, closed_at: closed } = engagement;
  const gap = (from, to) => span((Date.parse(to) - Date.parse(from)) / 1000);
  const at = (time) => html`<time datetime=${time} title=${exactTime(time)}>${shortDate(time)}</time>`;
  return html`<section class="panel-part"><h3>${t('panel.engagement', { number: String(number) })}</h3>
    <dl class="facts">
      <${Fact} name=${t('engagement.opened')}>${at(opened)}<//>
      <${Fact} name=${t('engagement.accepted')}>
        ${accepted ? html`${at(accepted)} <span class="hint">
          ${t('engagement.after', { time: gap(opened, accepted) })}</span>` : '—'}<//>
      <${Fact} name=${t('engagement.first_reply')}>
        ${replied ? html`${at(replied)} <span class="hint">
          ${t('engagement.after', { time: gap(opened, replied) })}</span>` : '—'}<//>
      ${closed ? html`<${Fact} name=${t('engagement.closed')}>${at(closed)} <span class="hint">
        ${t('engagement.lasted', { time: gap(opened, closed) })}</span><//>`
        : html`<${Fact} name=${t('engagement.running')}><span title=${new Date(now()).toISOString()}>
          ${span(secondsSince(opened))}</span><//>`}
      ${row.department && html`<${Fact} name=${t('filter.department')}>${row.department.name}<//>`}
      ${engagement.disposition && html`<${Fact} name=${t('engagement.disposition')}>${engagement.disposition}<//>`}
    </dl></section>`;
}

function Fact({ name, children }) { return html`<div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`; }

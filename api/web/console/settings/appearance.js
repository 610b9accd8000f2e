// How we look to customers: the accent colour, checked for readability, and the logo.
import { useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { fileSize, t } from '../../shared/i18n.js';
import { call, del, get, patch, Problem } from '../core/api.js';
import { may, refreshMe } from '../store/session.js';
import { Refusal } from '../components/field.js';
import { Colour, isColour, Readable } from './colour.js';
import { Sheet, useForm } from './form.js';
import { Head, Loaded, Part, useLoad } from './page.js';
import { WidgetPreview } from './widget_preview.js';

const LARGEST = 1024 * 1024;
const KINDS = ['image/png', 'image/jpeg', 'image/webp'];
const READY = ['#2563eb', '#0f766e', '#15803d', '#b45309', '#be123c', '#7c3aed', '#334155'];

export function Page() {
  const load = useLoad(() => get('/organization'));
  const locked = !may('organization:manage');
  return html`<${Head} title=${t('place.appearance')} intro=${t(locked ? 'form.read_only' : 'appearance.intro')}/>
    <${Loaded} load=${load}>${(found) => html`
      <${Part} title=${t('appearance.accent')} intro=${t('appearance.accent_words')}>
        <${Accent} found=${found} locked=${locked}/><//>
      <${Part} title=${t('appearance.logo')} intro=${t('appearance.logo_words')} name="logo">
        <${Logo} found=${found} locked=${locked} onChange=${(now) => { load.put(now); refreshMe(); }}/><//>`}<//>`;
}

function Accent({ found, locked }) {
  const form = useForm({ accent: found.appearance.accent }, async (changes) => {
    const now = await patch('/organization', { appearance: changes });
    await refreshMe();
    return { accent: now.appearance.accent };
  }, { locked });
  const shown = isColour(form.values.accent) ? form.values.accent : found.appearance.accent;
  return html`<div class="with-preview"><${Sheet} form=${form}>
      <${Colour} form=${form} name="accent" label=${t('appearance.colour')} fallback=${found.appearance.accent}
          palette=${READY}/>
      <${Readable} colour=${form.values.accent}/><//>
    <${WidgetPreview} channel=${{ name: found.name, color: shown, greeting: t('appearance.example_greeting'),
      logo_url: found.appearance.logo_url }}/></div>`;
}

function Logo({ found, locked, onChange }) {
  const picker = useRef(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const url = found.appearance.logo_url;
  const run = async (act) => {
    setBusy(true);
    setProblem(null);
    try {
      onChange(await act());
    } catch (refusal) {
      if (!(refusal instanceof Problem)) throw refusal;
      setProblem({ message: refusal.errors[0] ? t('appearance.logo_refused', { why: refusal.errors[0].message })
        : refusal.message });
    }
    setBusy(false);
  };
  const send = (file) => {
    if (!file) return;
    if (!KINDS.includes(file.type)) { setProblem({ message: t('appearance.logo_kind') }); return; }
    if (file.size > LARGEST) { setProblem({ message: t('appearance.logo_large', { size: fileSize(file.size) }) }); return; }
    const body = new FormData();
    body.append('file', file);
    run(() => call('PUT', '/organization/logo', { body }));
  };
  return html`<${Refusal} problem=${problem}/><div class="logo-line" aria-busy=${busy ? 'true' : 'false'}>
    <span class=${`logo-box ${url ? '' : 'none'}`}>${url ? html`<img src=${url} alt=${t('appearance.logo_now')}/>`
      : html`<${Icon} name="image" size=${24}/>`}</span>
    ${!locked && html`<div class="logo-acts">
      <button type="button" class="button" aria-disabled=${busy ? 'true' : null} onClick=${() => picker.current.click()}>
        ${t(busy ? 'appearance.logo_sending' : url ? 'appearance.logo_replace' : 'appearance.logo_choose')}</button>
      ${url && html`<button type="button" class="button" onClick=${() => run(() => del('/organization/logo'))}>
        ${t('appearance.logo_remove')}</button>`}
      <p class="hint">${t('appearance.logo_rule')}</p>
      <input type="file" hidden ref=${picker} accept=${KINDS.join(',')} aria-label=${t('appearance.logo_choose')}
          onChange=${(event) => { send(event.target.files[0]); event.target.value = ''; }}/></div>`}</div>`;
}

// The websites that may show the chat: exact origins, one to a line, each mended as far as it can be guessed.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { Fact } from './fields.js';

export function Origins({ form, name }) {
  const all = form.values[name];
  if (form.locked) return html`<${Fact} label=${t('webchat.origins')} name=${name}>${all.join(', ')}<//>`;
  const set = (at, value) => form.set(name, all.map((one, index) => (index === at ? value : one)));
  const wrong = (at) => form.problem?.errors?.find(({ pointer }) => pointer === `/${name}/${at}`)?.message;
  return html`<fieldset class="origins" data-setting=${name}><legend>${t('webchat.origins')}</legend>
    ${all.length === 0 && html`<p class="hint">${t('webchat.origins_none')}</p>`}
    ${all.map((one, at) => html`<div class="field" key=${at}><div class="secret">
      <input type="text" inputmode="url" value=${one} placeholder="https://www.example.com" autocapitalize="none"
          spellcheck=${false} aria-label=${t('webchat.origin_at', { place: at + 1 })} aria-invalid=${wrong(at) ? 'true' : null}
          aria-describedby=${wrong(at) ? `origin-${at}` : null} onInput=${(event) => set(at, event.target.value)}
          onBlur=${() => { if (originOf(one) !== one) set(at, originOf(one)); }}/>
      <button type="button" class="icon-button" aria-label=${t('webchat.origin_remove', { place: at + 1 })}
          onClick=${() => form.set(name, all.filter((_, index) => index !== at))}><${Icon} name="trash" size=${16}/></button></div>
      ${wrong(at) && html`<span id=${`origin-${at}`} class="field-wrong">${wrong(at)}</span>`}</div>`)}
    <button type="button" class="button" onClick=${() => form.set(name, [...all, ''])}><${Icon} name="plus" size=${16}/>
      ${t('webchat.origin_add')}</button></fieldset>`;
}

/** "www.example.com/shop" → "https://www.example.com"; what cannot be read stays as it was typed. */
export function originOf(text) {
  const typed = text.trim();
  if (!typed) return typed;
  try {
    const { origin } = new URL(/^[a-z]+:\/\//i.test(typed) ? typed : `https://${typed}`);
    return origin === 'null' ? typed : origin;
  } catch {
    return typed;
  }
}

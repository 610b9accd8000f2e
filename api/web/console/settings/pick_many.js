// Several of a list, ticked; with a search where the list is long.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { Fact } from './fields.js';
import { folded } from './combobox.js';

const LONG = 8;

/** `options`: [{id, name, more?}]; the form holds the ids. */
export function PickMany({ form, name, legend, options }) {
  const [words, setWords] = useState('');
  const chosen = form.values[name];
  if (form.locked) {
    const names = options.filter((one) => chosen.includes(one.id)).map((one) => one.name);
    return html`<${Fact} label=${legend} name=${name}>${names.join(', ')}<//>`;
  }
  const flip = (id) => form.set(name, chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].sort());
  const found = options.filter((one) => folded(`${one.name} ${one.more ?? ''}`).includes(folded(words.trim())));
  return html`<fieldset class="pick-many" data-setting=${name}><legend>${legend}</legend>
    ${options.length > LONG && html`<input type="search" value=${words} aria-label=${t('form.narrow', { name: legend })}
        placeholder=${t('form.narrow', { name: legend })} onInput=${(event) => setWords(event.target.value)}/>`}
    <div class="pick-list">${found.map((one) => html`<label key=${one.id} class="radio">
      <input type="checkbox" checked=${chosen.includes(one.id)} onChange=${() => flip(one.id)}/>
      <span>${one.name}${one.more && html`<span class="hint">${one.more}</span>`}</span></label>`)}
      ${found.length === 0 && html`<p class="hint">${t('form.nothing_fits')}</p>`}</div></fieldset>`;
}

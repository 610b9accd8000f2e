// A colour to choose, with what it does to the text on it: the same sums as the widget does.
import { useId } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { number, t } from '../../shared/i18n.js';
import { colours, contrast } from '../../widget/colour.js';
import { Fact, Notes } from './fields.js';
import { wrongAt } from './form.js';

const AA = 4.5;
export const isColour = (text) => /^#[\da-f]{6}$/i.test(text ?? '');
export const parts = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));

/** `fallback` is what stands when the field is empty (an empty one means "as the organization"). */
export function Colour({ form, name, label, hint, fallback, palette = [] }) {
  const id = useId();
  const value = form.values[name] ?? '';
  if (form.locked) return html`<${Fact} label=${label} name=${name}><${Dot} colour=${value || fallback}/>
    ${' '}${value || fallback}<//>`;
  const wrong = wrongAt(form.problem, name) ?? (value && !isColour(value) ? t('colour.shape') : undefined);
  return html`<div class="field" data-setting=${name}><label for=${id}>${label}</label>
    <div class="colour-line"><input type="color" aria-label=${t('colour.pick', { name: label })}
        value=${isColour(value) ? value : fallback} onInput=${(event) => form.set(name, event.target.value)}/>
      <input id=${id} type="text" name=${name} value=${value} placeholder=${fallback} maxlength="7" spellcheck=${false}
          autocomplete="off" aria-invalid=${wrong ? 'true' : null} aria-describedby=${`${id}-notes`}
          onInput=${(event) => form.set(name, event.target.value.trim())}/>
      ${palette.length > 0 && html`<span class="swatches" role="group" aria-label=${t('colour.ready')}>
        ${palette.map((one) => html`<button key=${one} type="button" class="swatch" aria-label=${one} title=${one}
            aria-pressed=${value.toLowerCase() === one ? 'true' : 'false'} onClick=${() => form.set(name, one)}
            style=${{ '--swatch': one }}></button>`)}</span>`}</div>
    <${Notes} id=${id} wrong=${wrong} hint=${hint}/></div>`;
}

export function Dot({ colour }) {
  return html`<span class="colour-dot" aria-hidden="true" style=${{ '--swatch': colour }}></span>`;
}

/** Whether white or dark letters can be read on the colour, and where it has to be shaded to be seen. */
export function Readable({ colour }) {
  if (!isColour(colour)) return null;
  const { '--on-accent': letters, '--accent': light, '--dark-accent': dark } = colours(colour);
  const ratio = contrast(parts(light), parts(letters));
  const shaded = [[light, 'colour.shaded_light'], [dark, 'colour.shaded_dark']]
    .filter(([used]) => used.toLowerCase() !== colour.toLowerCase());
  const good = ratio >= AA;
  return html`<div class="colour-check" role="status">
    <span class="colour-sample" style=${{ '--swatch': light, '--letters': letters }}>${t('colour.sample')}</span>
    <div><p class=${good ? 'good' : 'bad'}><${Icon} name=${good ? 'check' : 'alert'} size=${16}/>
      ${t(good ? 'colour.good' : 'colour.bad', { ratio: number(ratio, { maximumFractionDigits: 1 }) })}</p>
      ${shaded.map(([used, key]) => html`<p key=${key} class="hint">${t(key, { colour: used })}</p>`)}</div></div>`;
}

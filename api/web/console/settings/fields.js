// The fields of a form: to write in, or only to read where one may not change it.
import { useId } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { Field } from '../components/field.js';
import { wrongAt } from './form.js';

export function Fact({ label, children, name }) {
  return html`<div class="fact-line" data-setting=${name}><span class="fact-label">${label}</span>
    <span class="fact-value">${children || '—'}</span></div>`;
}

export function Text({ form, name, label, shown, ...more }) {
  if (form.locked) return html`<${Fact} label=${label} name=${name}>${shown ?? form.values[name]}<//>`;
  return html`<${Field} type="text" label=${label} ...${form.bind(name)} ...${more}/>`;
}

export function Area({ form, name, label, hint, rows = 4, ...more }) {
  const id = useId();
  if (form.locked) return html`<${Fact} label=${label} name=${name}>${form.values[name]}<//>`;
  const { problem, ...bound } = form.bind(name);
  const wrong = wrongAt(problem, name);
  return html`<div class="field"><label for=${id}>${label}</label>
    <textarea id=${id} rows=${rows} ...${bound} ...${more} aria-invalid=${wrong ? 'true' : null}
        aria-describedby=${wrong || hint ? `${id}-notes` : null}></textarea>
    <${Notes} id=${id} wrong=${wrong} hint=${hint}/></div>`;
}

/** `options`: [[value, text]]. */
export function Select({ form, name, label, hint, options, onPick, ...more }) {
  const id = useId();
  const value = form.values[name];
  if (form.locked) {
    return html`<${Fact} label=${label} name=${name}>${options.find(([one]) => one === value)?.[1]}<//>`;
  }
  const wrong = wrongAt(form.problem, name);
  const pick = (event) => { form.set(name, event.target.value); onPick?.(event.target.value); };
  return html`<div class="field"><label for=${id}>${label}</label>
    <select id=${id} name=${name} value=${value} onChange=${pick} ...${more} aria-invalid=${wrong ? 'true' : null}
        aria-describedby=${wrong || hint ? `${id}-notes` : null}>
      ${options.map(([one, text]) => html`<option key=${one} value=${one} selected=${one === value}>${text}</option>`)}
    </select><${Notes} id=${id} wrong=${wrong} hint=${hint}/></div>`;
}

/** One of a few, all in sight. `options`: [[value, text, hint?]]. */
export function Radios({ name, legend, value, options, onPick, locked }) {
  const id = useId();
  return html`<fieldset class="radios" data-setting=${name} disabled=${locked}><legend>${legend}</legend>
    ${options.map(([one, text, hint]) => html`<label key=${one} class="radio">
      <input type="radio" name=${`${name}-${id}`} value=${one} checked=${one === value} onChange=${() => onPick(one)}/>
      <span>${text}${hint && html`<span class="hint">${hint}</span>`}</span></label>`)}</fieldset>`;
}

export function Switch({ name, label, hint, on, onFlip, locked, problem }) {
  const id = useId();
  const wrong = wrongAt(problem, name);
  return html`<div class="switch-line" data-setting=${name}>
    <button type="button" id=${id} role="switch" class="switch" aria-checked=${on ? 'true' : 'false'} disabled=${locked}
        aria-labelledby=${`${id}-label`} aria-describedby=${hint ? `${id}-notes` : null}
        onClick=${() => onFlip(!on)}><span aria-hidden="true"></span></button>
    <div><label id=${`${id}-label`} for=${id}>${label}</label>
      <${Notes} id=${id} wrong=${wrong} hint=${hint}/></div></div>`;
}

export function Notes({ id, wrong, hint }) {
  if (!wrong && !hint) return null;
  return html`<span id=${`${id}-notes`} class=${wrong ? 'field-wrong' : 'hint'}>${wrong ?? hint}</span>`;
}

/** The languages a person or an organization can have. */
export function languages() { return ['en', 'pt-BR', 'es'].map((tag) => [tag, t(`language.${tag}`)]); }

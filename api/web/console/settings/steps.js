// Where one is on a way of several steps.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';

/** `names`: catalogue keys; `at`: the present one; `hrefs`: where those already reached can be opened again. */
export function Steps({ names, at, hrefs = [] }) {
  return html`<ol class="steps" aria-label=${t('steps.label')}>${names.map((name, index) => {
    const look = index < at ? 'done' : index === at ? 'now' : '';
    const mark = html`<span class="step-mark" aria-hidden="true">${index < at ? html`<${Icon} name="check" size=${16}/>`
      : index + 1}</span><span class="step-name">${t(name)}</span>`;
    return html`<li key=${name} class=${`step ${look}`} aria-current=${index === at ? 'step' : null}>
      ${hrefs[index] && index !== at ? html`<a href=${hrefs[index]}>${mark}</a>` : mark}</li>`;
  })}</ol>
  <p class="step-line">${t('steps.at', { step: at + 1, count: names.length, name: t(names[at]) })}</p>`;
}

export const WHATSAPP_STEPS = ['wa.step_need', 'wa.step_ids', 'wa.step_secrets', 'wa.step_webhook', 'wa.step_check',
  'wa.step_test'];

/** A list of acts at the provider, in order. */
export function Clicks({ keys, vars }) {
  return html`<ol class="clicks">${keys.map((key) => html`<li key=${key}>${t(key, vars)}</li>`)}</ol>`;
}

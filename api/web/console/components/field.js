// A labelled input with its own message when the server refuses it.
import { useId } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';

/** `problem` is the refusal of the whole form; the part about `name` is shown here. */
export function Field({ label, name, hint, problem, ...input }) {
  const id = useId();
  const wrong = problem?.errors?.find((one) => (one.pointer ?? '').replace(/^[#/]+/, '') === name)?.message;
  const notes = wrong ?? hint;
  return html`<div class="field"><label for=${id}>${label}</label>
    <input id=${id} name=${name} aria-invalid=${wrong ? 'true' : null} aria-describedby=${notes ? `${id}-notes` : null}
        ...${input}/>
    ${notes && html`<span id=${`${id}-notes`} class=${wrong ? 'field-wrong' : 'hint'}>${notes}</span>`}</div>`;
}

/** Why a form was refused as a whole. */
export function Refusal({ problem }) {
  if (!problem) return null;
  return html`<p class="inline-problem" role="alert">${problem.message}</p>`;
}

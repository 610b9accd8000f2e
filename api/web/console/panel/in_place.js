// A value that turns into its field when it is pressed; Enter or leaving keeps it, Escape puts it back.
import { useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';

/** `onSave(text)` answers a promise; a refusal is shown under the field, which stays open. `input` are its attributes. */
export function InPlace({ label, value, shown = value, allowed, onSave, input = {} }) {
  const [editing, setEditing] = useState(false);
  const [problem, setProblem] = useState(null);
  const field = useRef(null);
  const button = useRef(null);
  /** Leaving takes the field away, which blurs it, which must not keep what was given up. */
  const busy = useRef(false);
  useLayoutEffect(() => { if (editing) { field.current?.focus(); field.current?.select?.(); } }, [editing]);
  const leave = () => {
    busy.current = true;
    setEditing(false);
    setProblem(null);
    requestAnimationFrame(() => { busy.current = false; button.current?.focus(); });
  };
  const save = async () => {
    if (busy.current) return;
    const next = field.current.value.trim();
    if (next === String(value ?? '')) { leave(); return; }
    busy.current = true;
    try {
      await onSave(next);
      leave();
    } catch (refusal) {
      setProblem(refusal);
      busy.current = false;
    }
  };
  const keys = (event) => { if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); leave(); } };
  if (!allowed) return html`<span class="in-place still" dir="auto">${shown || '—'}</span>`;
  if (!editing) return html`<button type="button" class=${`in-place ${shown ? '' : 'empty'}`} ref=${button}
      aria-label=${`${label}: ${shown || t('panel.empty')}. ${t('panel.change')}`} onClick=${() => setEditing(true)}>
    <span dir="auto">${shown || t('panel.empty')}</span><${Icon} name="edit" size=${16}/></button>`;
  return html`<form class="in-place-form" onSubmit=${(event) => { event.preventDefault(); save(); }}>
    <input ref=${field} type="text" aria-label=${label} defaultValue=${value ?? ''} autocomplete="off"
        aria-invalid=${problem ? 'true' : null} onKeyDown=${keys} onBlur=${save} ...${input}/>
    ${problem && html`<p class="field-wrong" role="alert">${words(problem)}</p>`}</form>`;
}

/** The most exact words of a refusal. */
export function words(problem) { return problem.errors?.[0]?.message ?? problem.message; }

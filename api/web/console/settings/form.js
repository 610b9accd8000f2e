// A form and its four moments: untouched, changed, being saved, saved; refusals stand at their fields.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { Problem } from '../core/api.js';
import { Refusal } from '../components/field.js';
import { useUnsaved } from './guard.js';

const SAVED_FOR = 4000;
/** Refusals that name no field are about one all the same. */
const ABOUT = { email_taken: 'email', slug_taken: 'slug', name_taken: 'name', tag_exists: 'name', last_owner: 'role',
  shortcut_taken: 'shortcut', channel_connected: 'settings/phone_number_id', field_taken: 'key' };

/**
 * `save(changes, values)` sends and answers what stands now (or nothing, when it is just as typed); `done` follows.
 * `locked`: only to be read; `fresh`: may be sent untouched; `loose`: may be left without a question.
 * Answers {values, set, bind, dirty, problem, phase, submit, reset, sheet, locked}.
 */
export function useForm(initial, save, { done, locked = false, fresh = false, loose = false } = {}) {
  const [base, setBase] = useState(initial);
  const [values, setValues] = useState(initial);
  const [problem, setProblem] = useState(null);
  const [phase, setPhase] = useState('idle');
  const sheet = useRef(null);
  const changes = changed(base, values);
  const dirty = Object.keys(changes).length > 0;
  const release = useUnsaved(dirty && !locked && !loose);
  useEffect(() => {
    if (phase !== 'saved') return undefined;
    const timer = setTimeout(() => setPhase('idle'), SAVED_FOR);
    return () => clearTimeout(timer);
  }, [phase]);
  const set = (name, value) => {
    setValues((now) => ({ ...now, [name]: value }));
    if (phase === 'saved') setPhase('idle');
  };
  const bind = (name) => ({ name, value: values[name] ?? '', problem, onInput: (event) => set(name, event.target.value) });
  const submit = async (event) => {
    event?.preventDefault();
    if (phase === 'saving' || (!dirty && !fresh)) return;
    setPhase('saving');
    setProblem(null);
    try {
      const now = (await save(changes, values)) ?? values;
      release();
      setBase(now);
      setValues(now);
      setPhase('saved');
      done?.(now);
    } catch (refusal) {
      if (!(refusal instanceof Problem)) throw refusal;
      setProblem(placed(refusal));
      setPhase('idle');
      requestAnimationFrame(() => sheet.current?.querySelector('[aria-invalid="true"]')?.focus());
    }
  };
  const reset = () => { setValues(base); setProblem(null); };
  return { values, base, set, bind, dirty, fresh, problem, phase, submit, reset, sheet, locked };
}

/** The form element with what was refused as a whole on top and the line to save at its foot. */
export function Sheet({ form, label, children, foot, wide }) {
  return html`<form class="form set-form" ref=${form.sheet} onSubmit=${form.submit} noValidate
      aria-busy=${form.phase === 'saving' ? 'true' : 'false'}>
    ${unplaced(form) && html`<${Refusal} problem=${form.problem}/>`}
    ${children}
    ${!form.locked && (foot ?? html`<${SaveLine} form=${form} label=${label} wide=${wide}/>`)}</form>`;
}

/** Save and Discard, and one word on how it stands; the button keeps its place and the focus. */
export function SaveLine({ form, label, onCancel }) {
  const { dirty, fresh, phase } = form;
  const idle = !dirty && !fresh;
  return html`<div class=${`save-line ${dirty ? 'dirty' : ''}`}>
    <button class="button primary" aria-disabled=${idle || phase === 'saving' ? 'true' : null}>
      ${phase === 'saving' ? t('form.saving') : label ?? t('action.save')}</button>
    ${onCancel ? html`<button type="button" class="button" onClick=${onCancel}>${t('action.cancel')}</button>`
      : dirty && !fresh && html`<button type="button" class="button" onClick=${form.reset}>${t('form.discard')}</button>`}
    <span class="save-word" role="status">${phase === 'saved'
      ? html`<${Icon} name="check" size=${16}/>${t('form.saved')}`
      : dirty && !fresh && phase === 'idle' ? t('form.unsaved') : ''}</span></div>`;
}

function unplaced({ problem, values }) {
  if (!problem) return false;
  const names = Object.keys(values);
  const own = (pointer) => names.some((name) => pointer === name || pointer.startsWith(`${name}/`));
  return problem.errors.length === 0 || !problem.errors.every(({ pointer }) => own(plain(pointer)));
}

function placed(problem) {
  const name = ABOUT[problem.code];
  if (name && problem.errors.length === 0) problem.errors = [{ pointer: `/${name}`, message: problem.message }];
  return problem;
}

/** What was refused at `name` or below it, or undefined. */
export function wrongAt(problem, name) {
  return problem?.errors?.find(({ pointer }) => plain(pointer) === name || plain(pointer).startsWith(`${name}/`))?.message;
}

function plain(pointer = '') { return pointer.replace(/^[#/]+/, ''); }

function changed(before, after) {
  return Object.fromEntries(Object.entries(after)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
}

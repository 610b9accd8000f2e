// The parts of every settings page: its head, its sections, and what stands there while there is nothing to show.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { Problem } from '../core/api.js';
import { Dialog } from '../components/dialog.js';
import { Refusal } from '../components/field.js';

export function Head({ title, intro, back, children }) {
  return html`<header class="set-head">
    ${back && html`<a class="set-up" href=${back[0]}><${Icon} name="back" size=${16}/>${back[1]}</a>`}
    <div class="set-title"><h2>${title}</h2>${children && html`<div class="set-acts">${children}</div>`}</div>
    ${intro && html`<p class="hint">${intro}</p>`}</header>`;
}

export function Part({ title, intro, name, children }) {
  return html`<section class="set-part" data-setting=${name}>
    ${title && html`<div class="set-part-head"><h3>${title}</h3>${intro && html`<p class="hint">${intro}</p>`}</div>`}
    ${children}</section>`;
}

/** Asks once for each change of `about`; answers {data, problem, reload, put}. The old answer stays while a new one comes. */
export function useLoad(ask, about = []) {
  const [state, setState] = useState({ data: null, problem: null, turn: 0 });
  useEffect(() => {
    let wanted = true;
    ask().then((data) => { if (wanted) setState((now) => ({ ...now, data, problem: null })); }, (problem) => {
      if (!(problem instanceof Problem)) throw problem;
      if (wanted) setState((now) => ({ ...now, problem }));
    });
    return () => { wanted = false; };
  }, [...about, state.turn]);
  return { ...state, reload: () => setState((now) => ({ ...now, problem: null, turn: now.turn + 1 })),
    put: (data) => setState((now) => ({ ...now, data: typeof data === 'function' ? data(now.data) : data })) };
}

/** What was asked for, or the look of not having it: lines that breathe, or why not and a way to try again. */
export function Loaded({ load, lines = 4, children }) {
  if (load.problem && load.data === null) {
    return html`<div class="set-empty" role="alert"><${Icon} name="alert" size=${24}/>
      <p><strong>${load.problem.status === 404 ? t('form.missing') : load.problem.message}</strong></p>
      <button type="button" class="button" onClick=${load.reload}>${t('action.retry')}</button></div>`;
  }
  if (load.data === null) {
    return html`<div class="set-wait" aria-busy="true"><span class="sr-only" role="status">${t('state.loading')}</span>
      ${Array.from({ length: lines }, (_, n) => html`<span key=${n} class="skeleton-line"></span>`)}</div>`;
  }
  return html`<${Refusal} problem=${load.problem}/>${children(load.data)}`;
}

export function Empty({ icon, title, children }) {
  return html`<div class="set-empty"><${Icon} name=${icon} size=${24}/><p><strong>${title}</strong></p>${children}</div>`;
}

/** Asks before what cannot be undone. `act` sends; a refusal stands in the dialog. */
export function Confirm({ title, words, label, act, onClose, onDone, children, kind = 'bad' }) {
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await act();
      onClose();
      onDone?.(answer);
    } catch (refusal) {
      if (!(refusal instanceof Problem)) throw refusal;
      setProblem(refusal);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}><${Refusal} problem=${problem}/>
    ${words && html`<p>${words}</p>`}${children}
    <div class="form-foot dialog-foot">
      <button type="button" class="button" autofocus onClick=${onClose}>${t('action.cancel')}</button>
      <button type="button" class=${`button ${kind}`} aria-disabled=${busy ? 'true' : null}
          onClick=${() => { if (!busy) run(); }}>${label}</button></div><//>`;
}

/** Words that are copied rather than typed off. */
export function Copied({ label, text, name }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return html`<figure class="snippet" data-setting=${name}><figcaption>${label}</figcaption><code tabindex="0">${text}</code>
    <button type="button" class="button small" onClick=${copy}><${Icon} name=${copied ? 'check' : 'copy'} size=${16}/>
      <span role="status">${copied ? t('message.copied') : t('message.copy')}</span></button></figure>`;
}

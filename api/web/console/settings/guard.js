// What is typed and not saved: leaving it is asked about first, inside the page and when the tab closes.
import { signal } from '../../vendor/signals.js';
import { useEffect, useRef } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { go, leaving } from '../core/router.js';
import { Dialog } from '../components/dialog.js';

const unsaved = new Set();
/** What was asked for while something was not saved: a function that does it, or null. */
const wanted = signal(null);

/** Holds the page while `dirty`; the answered function lets go at once, as when all was just saved. */
export function useUnsaved(dirty) {
  const mark = useRef({}).current;
  if (dirty) unsaved.add(mark);
  else unsaved.delete(mark);
  useEffect(() => () => unsaved.delete(mark), []);
  return () => unsaved.delete(mark);
}

leaving.holds = (hash) => {
  if (unsaved.size === 0) return false;
  wanted.value = () => go(hash);
  return true;
};

/** Does it, or asks first while something is not saved: for what closes without leaving the page. */
export function ifSaved(act) {
  if (unsaved.size === 0) act();
  else wanted.value = act;
}

addEventListener('beforeunload', (event) => { if (unsaved.size > 0) event.preventDefault(); });

export function LeaveDialog() {
  if (wanted.value === null) return null;
  const stay = () => { wanted.value = null; };
  const leave = () => {
    const act = wanted.value;
    unsaved.clear();
    wanted.value = null;
    act();
  };
  return html`<${Dialog} title=${t('form.unsaved_title')} onClose=${stay}><p>${t('form.unsaved_words')}</p>
    <div class="form-foot dialog-foot"><button type="button" class="button bad" onClick=${leave}>
      ${t('form.discard_leave')}</button>
      <button type="button" class="button primary" autofocus onClick=${stay}>${t('form.stay')}</button></div><//>`;
}

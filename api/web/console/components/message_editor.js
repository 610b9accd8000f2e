// Changing the words of a message in its own bubble.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { edit } from '../store/acts.js';

export function Editor({ message, onDone }) {
  const [text, setText] = useState(message.text);
  const save = async () => { if (text.trim() && text !== message.text) await edit(message, text.trim()); onDone(); };
  const keys = (event) => {
    if (event.key === 'Escape') { event.preventDefault(); onDone(); }
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); save(); }
  };
  return html`<div class="editor">
    <textarea autofocus aria-label=${t('message.edit')} value=${text} onInput=${(event) => setText(event.target.value)}
        onKeyDown=${keys}
      ref=${(box) => { if (box && document.activeElement !== box &&
        !box.dataset.met) { box.dataset.met = '1'; box.focus(); } }}></textarea>
    <div class="form-foot"><button type="button" class="button small" onClick=${onDone}>${t('action.cancel')}</button>
      <button type="button" class="button small primary" onClick=${save}>${t('action.save')}</button></div></div>`;
}

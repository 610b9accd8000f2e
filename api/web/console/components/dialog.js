// A modal on the browser's own dialog: focus stays in it and goes back where it came from.
import { useId, useLayoutEffect, useRef } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';

export function Dialog({ title, onClose, children, class: look = '', bare = false }) {
  const box = useRef(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      // The browser cannot give the focus back when the dialog is already gone from the page.
      requestAnimationFrame(() => { if (document.activeElement === document.body) before?.focus?.(); });
    };
  }, []);
  return html`<dialog ref=${box} class=${`dialog ${look}`} aria-labelledby=${bare ? null : id}
      aria-label=${bare ? title : null}
      onCancel=${(event) => { event.preventDefault(); onClose(); }}
      onClick=${(event) => { if (event.target === box.current) onClose(); }}>
    ${!bare && html`<header class="dialog-head"><h2 id=${id}>${title}</h2>
      <button type="button" class="icon-button" aria-label=${t('action.close')} onClick=${onClose}>
        <${Icon} name="close"/></button></header>`}
    ${children}
  </dialog>`;
}

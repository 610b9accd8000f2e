// A box that opens from a button in the top layer: menus, pickers; Escape and a press outside close it.
import { useId, useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';

const GAP = 6;

/**
 * `button` is what the button shows; `children(close)` is drawn only while open.
 * role is 'menu' (arrow keys move between items) or 'dialog'.
 */
export function Popover({ label, button, class: look = 'icon-button', role = 'menu', act, disabled, children,
  boxClass = '', tabIndex, onOpen }) {
  const [open, setOpen] = useState(false);
  const anchor = useRef(null);
  const box = useRef(null);
  const id = useId();
  useLayoutEffect(() => {
    if (!open) return undefined;
    place(anchor.current, box.current);
    (box.current.querySelector('[autofocus]') ?? focusable(box.current)[0])?.focus();
    const again = () => place(anchor.current, box.current);
    addEventListener('resize', again);
    // What is inside may come or grow later.
    const watch = new ResizeObserver(again);
    watch.observe(box.current);
    return () => { removeEventListener('resize', again); watch.disconnect(); };
  }, [open]);
  const close = () => { box.current?.hidePopover?.(); anchor.current?.focus(); };
  return html`<button type="button" class=${look} ref=${anchor} aria-label=${label} title=${label} disabled=${disabled}
      aria-haspopup=${role} aria-expanded=${open ? 'true' : 'false'} aria-controls=${open ? id : null} data-act=${act}
          tabindex=${tabIndex}
      onClick=${() => { onOpen?.(); box.current.togglePopover(); }}>${button}</button>
    <div id=${id} ref=${box} popover="auto" role=${open ? role : null} aria-label=${open ? label : null}
        class=${`popover ${boxClass}`}
      onToggle=${(event) => setOpen(event.newState === 'open')}
      onKeyDown=${(event) => walk(event, box.current)}>${open && children(close)}</div>`;
}

export function MenuItem({ icon, checked, onPick, children, kind = '' }) {
  const role = checked === undefined ? 'menuitem' : 'menuitemcheckbox';
  return html`<button type="button" class=${`menu-item ${kind}`} role=${role}
      aria-checked=${checked === undefined ? null : String(checked)} onClick=${onPick}>
    ${icon}<span class="menu-text">${children}</span>
      ${checked && html`<span class="menu-check" aria-hidden="true">✓</span>`}</button>`;
}

function focusable(box) { return [...box.querySelectorAll('button:not([disabled]), input, a[href]')]; }

function walk(event, box) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [...box.querySelectorAll('[role^="menuitem"]')];
  if (!step || stops.length === 0) return;
  const index = stops.indexOf(document.activeElement);
  const next = index < 0 && step < 0 ? stops.length - 1 : index + step;
  stops[(next + stops.length) % stops.length].focus();
  event.preventDefault();
}

/** Under the button where there is room, above it otherwise, never out of the window. */
function place(anchor, box) {
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const below = from.bottom + GAP + height <= innerHeight || from.top < height + GAP;
  const top = below ? from.bottom + GAP : from.top - height - GAP;
  const left = from.left + width <= innerWidth - GAP ? from.left : from.right - width;
  box.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  box.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
}

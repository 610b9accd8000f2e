// A field that finds one of many by typing; the list is the browser's business as little as the mouse's.
import { useId, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { wrongAt } from './form.js';
import { Fact, Notes } from './fields.js';

const SHOWN = 60;

export function folded(text) { return text.toLocaleLowerCase().normalize('NFD').replace(/\p{M}/gu, ''); }

/** `options`: [{value, text, more?, words}], `words` being what is searched; free text is not accepted. */
export function Combobox({ form, name, label, hint, options }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef(null);
  const value = form.values[name];
  const chosen = options.find((one) => one.value === value);
  if (form.locked) return html`<${Fact} label=${label} name=${name}>${chosen?.text ?? value}<//>`;
  const parts = folded(words).split(/\s+/).filter(Boolean);
  const found = open ? options.filter((one) => parts.every((part) => one.words.includes(part))).slice(0, SHOWN) : [];
  const wrong = wrongAt(form.problem, name);
  const start = () => {
    if (open) return;
    setWords('');
    setAt(Math.max(0, Math.min(SHOWN - 1, options.indexOf(chosen))));
    setOpen(true);
  };
  const pick = (one) => { form.set(name, one.value); setOpen(false); };
  const move = (step) => {
    const next = (at + step + found.length) % found.length;
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); if (open && found.length) move(step); else start(); }
    if (event.key === 'Enter' && open) { event.preventDefault(); if (found[at]) pick(found[at]); }
    if (event.key === 'Escape' && open) { event.preventDefault(); setOpen(false); }
  };
  return html`<div class="field combobox"><label for=${id}>${label}</label>
    <input id=${id} name=${name} type="text" role="combobox" autocomplete="off" spellcheck=${false}
        aria-expanded=${open ? 'true' : 'false'} aria-controls=${`${id}-list`} aria-autocomplete="list"
        aria-activedescendant=${open && found[at] ? `${id}-${at}` : null} aria-invalid=${wrong ? 'true' : null}
        aria-describedby=${wrong || hint ? `${id}-notes` : null}
        value=${open ? words : chosen?.text ?? value} placeholder=${chosen?.text ?? ''} onKeyDown=${keys}
        onClick=${start} onInput=${(event) => { setOpen(true); setAt(0); setWords(event.target.value); }}
        onBlur=${() => setOpen(false)}/>
    <div id=${`${id}-list`} role="listbox" aria-label=${label} ref=${list} class="combobox-list" hidden=${!open}>
      ${found.map((one, place) => html`<div key=${one.value} id=${`${id}-${place}`} role="option" class="command"
          aria-selected=${place === at ? 'true' : 'false'}
          onPointerDown=${(event) => { event.preventDefault(); pick(one); }}>
        <span>${one.text}</span>${one.more && html`<span class="hint">${one.more}</span>`}</div>`)}</div>
    ${open && found.length === 0 && html`<span class="hint" role="status">${t('form.nothing_fits')}</span>`}
    <${Notes} id=${id} wrong=${wrong} hint=${hint}/></div>`;
}

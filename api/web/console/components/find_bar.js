// The bar that finds words in the open conversation and goes from hit to hit.
import { useEffect, useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { takeTyped } from '../commands/registry.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { endFind, find, nextHit } from '../store/find.js';
import { finding } from '../store/finding.js';

export function FindBar() {
  const box = useRef(null);
  const [text, setText] = useState(takeTyped);
  const { hits, index, state, problem, words, cursor } = finding.value;
  useLayoutEffect(() => box.current.focus(), []);
  useEffect(() => {
    const timer = setTimeout(() => { if (text.trim() !== finding.peek().words) find(text.trim()); }, 250);
    return () => clearTimeout(timer);
  }, [text]);
  const close = () => { endFind(); document.querySelector('.messages')?.focus({ preventScroll: true }); };
  const keys = (event) => {
    if (event.isComposing) return;
    const step = event.key === 'Enter' ? (event.shiftKey ? -1 : 1) : { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (step) { event.preventDefault(); nextHit(step); }
    if (event.key === 'Escape') { event.preventDefault(); close(); }
  };
  const said = problem ? problem.message
    : state === 'ready' ? (hits.length ? t('find.place', { place: index + 1, count: `${hits.length}${cursor ? '+' : ''}` })
      : t('find.none')) : state === 'loading' ? t('state.loading') : '';
  return html`<div class="find-bar" role="search" aria-label=${t('command.find')}>
    <div class="search"><${Icon} name="search" size=${16}/>
      <input type="search" ref=${box} value=${text} aria-label=${t('command.find')} placeholder=${t('command.find')}
        autocomplete="off" onInput=${(event) => setText(event.target.value)} onKeyDown=${keys}/></div>
    <span class=${`find-said ${problem ? 'bad' : ''}`} role="status">${said}</span>
    ${problem && html`<button type="button" class="button small" onClick=${() => find(words)}>${t('action.retry')}
      </button>`}
    <button type="button" class="icon-button small" disabled=${!hits.length} aria-label=${t('find.older')}
      title=${t('find.older')} onClick=${() => nextHit(1)}><${Icon} name="down" size=${16} class="flip"/></button>
    <button type="button" class="icon-button small" disabled=${!hits.length} aria-label=${t('find.newer')}
      title=${t('find.newer')} onClick=${() => nextHit(-1)}><${Icon} name="down" size=${16}/></button>
    <button type="button" class="icon-button small" aria-label=${t('action.close')} onClick=${close}>
      <${Icon} name="close" size=${16}/></button></div>`;
}

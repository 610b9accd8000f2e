// Choosing filters: what kind first, then which; or typing a part of any choice's name.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { clearFilters, flipFilter, narrowed, narrowing, setFilter } from '../store/filters.js';
import { fold } from '../store/words.js';
import { choicesOf, dateField, edgeOf, FACETS, ICONS } from './filter_names.js';
import { MenuItem } from './popover.js';

export function FilterBox({ onClose }) {
  const [facet, setFacet] = useState(null);
  const [words, setWords] = useState('');
  const box = useRef(null);
  useEffect(() => box.current.focus(), [facet]);
  const into = (name) => { setFacet(name); setWords(''); };
  const back = (event) => {
    if (event.key !== 'Escape' || (!facet && !words)) return;
    // The first Escape leaves the words or the kind, the next one the whole box.
    event.preventDefault();
    event.stopPropagation();
    if (words) setWords(''); else into(null);
    box.current.focus();
  };
  return html`<div onKeyDown=${back}>
    <div class="menu-search">
      ${facet && html`<button type="button" class="icon-button small" aria-label=${t('action.back')}
        onClick=${() => into(null)}><${Icon} name="back" size=${16}/></button>`}
      <input type="text" ref=${box} value=${words} aria-label=${t('filter.find')} autocomplete="off"
        placeholder=${facet ? t(`filter.${facet}`) : t('filter.find')} onInput=${(event) => setWords(event.target.value)}/></div>
    <div class="menu-scroll" role="menu" aria-label=${t('filter.label')}>
      ${facet ? html`<${Choices} name=${facet} words=${words}/>`
        : words ? FACETS.map((name) => html`<${Choices} key=${name} name=${name} words=${words} named=${true}/>`)
          : html`<${Kinds} into=${into}/>`}</div>
    ${!facet && !words && html`<${Dates}/>`}
    <div class="form-foot menu-group"><button class="button small" disabled=${!narrowed.value} onClick=${clearFilters}>
      ${t('filter.clear_all')}</button>
      <button class="button small primary" onClick=${onClose}>${t('action.done')}</button></div></div>`;
}

function Kinds({ into }) {
  const wanted = narrowing.value ?? {};
  const some = FACETS.filter((name) => choicesOf(name).length > 1 || wanted[name]);
  return html`${['unread', 'waiting'].map((name) => html`<${MenuItem} key=${name} checked=${Boolean(wanted[name])}
      icon=${html`<${Icon} name=${ICONS[name]} size=${16}/>`}
      onPick=${() => setFilter(name, !wanted[name])}>${t(`filter.${name}`)}<//>`)}
    ${some.map((name) => html`<${MenuItem} key=${name} icon=${html`<${Icon} name=${ICONS[name]} size=${16}/>`}
      onPick=${() => into(name)}>${t(`filter.${name}`)}
      ${wanted[name] && html`<span class="hint"> · ${[wanted[name]].flat().length}</span>`}<//>`)}`;
}

function Choices({ name, words, named }) {
  const wanted = [narrowing.value?.[name] ?? []].flat();
  const found = choicesOf(name).filter(({ label }) => fold(label).includes(fold(words.trim())));
  if (found.length === 0) return named ? null : html`<p class="menu-title">${t('filter.nothing')}</p>`;
  const pick = (value) => (name === 'status' ? setFilter(name, wanted.includes(value) ? null : value)
    : flipFilter(name, value));
  return html`<div role="group" aria-label=${t(`filter.${name}`)}>
    ${named && html`<p class="menu-title" aria-hidden="true">${t(`filter.${name}`)}</p>`}
    ${found.map(({ value, label }) => html`<${MenuItem} key=${value} checked=${wanted.includes(value)}
      icon=${html`<${Icon} name=${ICONS[name]} size=${16}/>`} onPick=${() => pick(value)}>${label}<//>`)}</div>`;
}

function Dates() {
  const wanted = narrowing.value ?? {};
  const field = (name) => html`<label class="field">${t(`filter.${name}`)}<input type="date"
    value=${dateField(wanted[name])} onChange=${(event) => setFilter(name, edgeOf(event.target.value, name))}/></label>`;
  return html`<div class="filter-dates menu-group" role="group" aria-label=${t('filter.dates')}>
    ${field('since')}${field('until')}</div>`;
}

// The emoji picker: a few hundred common ones by group, found by their names in the reader's language, recents first.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { locale, t } from '../../shared/i18n.js';
import { load, save } from '../core/storage.js';

const RECENTS = 16;
const COLUMNS = 8;
const GROUP_MARKS = { recent: '🕒', smileys: '😀', people: '👋', hearts: '❤️', nature: '🌿', food: '🍎', travel: '🚗',
  things: '💡', symbols: '✅', flags: '🏁' };
const lists = new Map();

/** [[group, [[emoji, names]]]] in the language that is shown; kept after the first time. */
function groupsOf(tag) {
  if (!lists.has(tag)) lists.set(tag, fetch(new URL(`./${tag}.json`, import.meta.url)).then((answer) => answer.json()));
  return lists.get(tag);
}

export function EmojiPicker({ onPick, quiet }) {
  const [groups, setGroups] = useState(null);
  const [words, setWords] = useState('');
  const grid = useRef(null);
  useEffect(() => {
    groupsOf(locale.value).then(setGroups, () => { lists.delete(locale.value); setGroups([]); });
  }, [locale.value]);
  if (!groups) return html`<p class="emoji-none" role="status">${t('state.loading')}</p>`;
  const pick = (mark) => { remember(mark); onPick(mark); };
  const shown = words.trim() ? [['found', find(groups, words)]] : withRecents(groups);
  const keys = (event) => {
    if (event.key === 'ArrowDown') { event.preventDefault(); grid.current.querySelector('.emoji')?.focus(); }
    if (event.key === 'Enter' && shown[0]?.[1].length && words.trim()) { event.preventDefault(); pick(shown[0][1][0][0]); }
  };
  return html`<div class="emoji-picker">
    <input type="text" ref=${quiet ? null : focusOnce} value=${words} placeholder=${t('emoji.search')}
        aria-label=${t('emoji.search')} autocomplete="off" onInput=${(event) => setWords(event.target.value)}
        onKeyDown=${keys}/>
    ${!words.trim() && html`<div class="emoji-groups" role="group" aria-label=${t('emoji.groups')}>
      ${shown.map(([name]) => html`<button key=${name} type="button" class="emoji" title=${t(`emoji.${name}`)}
          aria-label=${t(`emoji.${name}`)} onClick=${() => jump(grid.current, name)}>
        <span aria-hidden="true">${GROUP_MARKS[name]}</span></button>`)}</div>`}
    <div class="emoji-scroll" ref=${grid} onKeyDown=${walk}>
      ${shown.map(([name, list]) => html`<section key=${name} data-group=${name} aria-label=${t(`emoji.${name}`)}>
        <h3 class="menu-title">${t(`emoji.${name}`)}</h3><div class="emoji-grid">
        ${list.map(([mark, names]) => html`<button key=${mark} type="button" class="emoji" title=${firstOf(names)}
            aria-label=${firstOf(names)} onClick=${() => pick(mark)}>${mark}</button>`)}</div></section>`)}
      ${words.trim() && shown[0][1].length === 0 && html`<p class="emoji-none" role="status">${t('emoji.none')}</p>`}
    </div></div>`;
}

/** The popover focuses what it finds when it opens; this arrives a moment later. */
function focusOnce(box) {
  if (!box || box.dataset.met) return;
  box.dataset.met = '1';
  box.focus();
}

function firstOf(names) { return names.split(', ')[0]; }
function plain(text) { return text.toLocaleLowerCase().normalize('NFD').replace(/\p{M}/gu, ''); }

/** Names that begin with the words come before those that hold them. */
function find(groups, words) {
  const wanted = plain(words.trim());
  const all = groups.flatMap(([, list]) => list).map((entry) => [entry, plain(entry[1])]);
  const begins = all.filter(([, names]) => names.startsWith(wanted) || names.includes(`, ${wanted}`));
  const holds = all.filter((one) => one[1].includes(wanted) && !begins.includes(one));
  return [...begins, ...holds].map(([entry]) => entry);
}

function withRecents(groups) {
  const names = new Map(groups.flatMap(([, list]) => list));
  const recent = load('emoji', []).filter((mark) => names.has(mark)).map((mark) => [mark, names.get(mark)]);
  return recent.length ? [['recent', recent], ...groups] : groups;
}

function remember(mark) {
  save('emoji', [mark, ...load('emoji', []).filter((one) => one !== mark)].slice(0, RECENTS));
}

function jump(grid, name) {
  const group = grid.querySelector(`[data-group="${name}"]`);
  grid.scrollTop = group.offsetTop - grid.offsetTop;
  group.querySelector('.emoji')?.focus({ preventScroll: true });
}

/** Arrow keys walk the grid; up from the first line goes back to the search. */
function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
  if (!step) return;
  const stops = [...event.currentTarget.querySelectorAll('.emoji')];
  const next = stops.indexOf(document.activeElement) + step;
  event.preventDefault();
  if (next < 0) event.currentTarget.parentElement.querySelector('input').focus();
  else stops[Math.min(next, stops.length - 1)].focus();
}

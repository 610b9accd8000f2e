// What a slash or an at-sign in the composer brings up: canned responses, and colleagues to mention.
import { useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { notify } from '../store/announce.js';
import { canned, fillCanned, findCanned, loadCanned } from '../store/canned.js';
import { activeUsers, presenceOf, refreshUsers } from '../store/directory.js';
import { me } from '../store/session.js';
import { Avatar } from './avatar.js';

const SHOWN = 8;
const FRESH = 60_000;
const SLASH = /(?:^|\s)\/([\p{L}\p{N}_-]{0,40})$/u;
const AT = /(?:^|[\s(])@([\p{L}\p{N}._-]{0,40}(?: [\p{L}\p{N}._-]{0,40})?)$/u;

/** Of several people of one name, the one who was picked. */
const picked = new Map();
let peopleAt = 0;

/** The people whose names stand in a note after an at-sign, as [{id, name}]; longer names first. */
export function mentioned(text) {
  const found = new Map();
  let rest = text;
  const people = [...activeUsers.peek()].sort((one, two) => two.name.length - one.name.length);
  for (const { name } of people) {
    if (!name || !rest.includes(`@${name}`)) continue;
    rest = rest.replaceAll(`@${name}`, ' ');
    const id = picked.get(name) ?? people.find((one) => one.name === name).id;
    found.set(id, { id, name });
  }
  return [...found.values()];
}

/** {view, keys(event), look(), close(), attributes}: `keys` answers true when it used the key. */
export function useSuggest({ id, mode, box, insert }) {
  const [ask, setAsk] = useState(null);
  const [index, setIndex] = useState(0);
  const refused = useRef(null);
  const found = ask ? choices(ask) : [];
  const open = ask !== null && (found.length > 0 || ask.kind === 'slash');

  const close = () => setAsk(null);
  const look = () => {
    const next = askAt(box.current, mode);
    if (next?.kind === 'slash') loadCanned().catch((problem) => notify(problem.message));
    if (next?.kind === 'mention') freshPeople();
    if (next && refused.current === next.from) return;
    if (!next) refused.current = null;
    if (next?.word !== ask?.word || next?.from !== ask?.from) setIndex(0);
    setAsk(next);
  };
  const pick = async (choice) => {
    const { kind, from, word } = ask;
    close();
    const to = from + 1 + word.length;
    if (kind === 'mention') {
      picked.set(choice.name, choice.id);
      insert(`@${choice.name} `, from, to);
      return;
    }
    try {
      insert(await fillCanned(choice.id, id), from, to);
    } catch (problem) {
      notify(problem.message);
    }
  };
  const keys = (event) => {
    if (!open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) setIndex((index + step + found.length) % found.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey && found[index]) pick(found[index]);
    else if (event.key === 'Escape') { refused.current = ask.from; close(); }
    else return false;
    event.preventDefault();
    return true;
  };
  return { keys, look, close, attributes: { 'aria-autocomplete': 'list', 'aria-controls': open && found.length ? 'suggestions' : null,
    'aria-activedescendant': open && found[index] ? `suggestion-${index}` : null },
  view: open && html`<${List} ask=${ask} found=${found} index=${index} onPick=${pick} onPoint=${setIndex}/>` };
}

/** Who came since the page was loaded can be mentioned too. */
function freshPeople() {
  if (Date.now() - peopleAt < FRESH) return;
  peopleAt = Date.now();
  refreshUsers().catch(() => { peopleAt = 0; });
}

/** {kind, from, word}: the sign before the cursor and what was typed after it. */
function askAt(box, mode) {
  if (box.selectionStart !== box.selectionEnd) return null;
  const before = box.value.slice(0, box.selectionStart);
  const slash = before.match(SLASH);
  if (slash) return { kind: 'slash', word: slash[1], from: before.length - slash[1].length - 1 };
  const at = mode === 'note' && before.match(AT);
  return at ? { kind: 'mention', word: at[1], from: before.length - at[1].length - 1 } : null;
}

function choices({ kind, word }) {
  if (kind === 'slash') return findCanned(canned.value ?? [], word).slice(0, SHOWN);
  const wanted = plain(word);
  return activeUsers.value.filter((user) => user.id !== me.value?.id
    && (plain(user.name).startsWith(wanted) || plain(user.name).split(' ').some((name) => name.startsWith(wanted))))
    .slice(0, SHOWN);
}

function plain(text) { return text.toLocaleLowerCase().normalize('NFD').replace(/\p{M}/gu, ''); }

function List({ ask, found, index, onPick, onPoint }) {
  const title = t(ask.kind === 'slash' ? 'suggest.canned' : 'suggest.people');
  return html`<div class="suggest"><p class="menu-title" aria-hidden="true">${title}</p>
    ${found.length > 0 && html`<div id="suggestions" role="listbox" aria-label=${title}>
    ${found.map((choice, place) => html`<div key=${choice.id} id=${`suggestion-${place}`} role="option"
        class="suggestion" aria-selected=${place === index ? 'true' : 'false'} onMouseMove=${() => onPoint(place)}
        onMouseDown=${(event) => { event.preventDefault(); onPick(choice); }}>
      ${ask.kind === 'slash' ? html`<kbd>/${choice.shortcut}</kbd><b>${choice.title}</b><span>${choice.body}</span>`
        : html`<${Avatar} name=${choice.name} size=${24} presence=${presenceOf(choice.id)}/><b>${choice.name}</b>
          <span>${t(`role.${choice.role}`)}</span>`}</div>`)}</div>`}
    ${found.length === 0 && html`<p class="menu-title" role="status">
      ${t(canned.value ? 'suggest.none' : 'state.loading')}</p>`}</div>`;
}

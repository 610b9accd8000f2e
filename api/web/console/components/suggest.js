// Watches the composer for a slash or an at-sign, and brings up what fits.
import { useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { activeUsers } from '../store/directory.js';
import { choices, prepare, Suggestions, wordsFor } from './suggestions.js';

const SLASH = /(?:^|\s)\/([\p{L}\p{N}_-]{0,40})$/u;
const AT = /(?:^|[\s(])@([\p{L}\p{N}._-]{0,40}(?: [\p{L}\p{N}._-]{0,40})?)$/u;

/** Of several people of one name, the one who was picked. */
const picked = new Map();

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
    if (next) prepare(next);
    if (next && refused.current === next.from) return;
    if (!next) refused.current = null;
    if (next?.word !== ask?.word || next?.from !== ask?.from) setIndex(0);
    setAsk(next);
  };
  const pick = async (choice) => {
    const { kind, from, word } = ask;
    close();
    if (kind === 'mention') picked.set(choice.name, choice.id);
    const words = await wordsFor(ask, choice, id);
    if (words !== null) insert(words, from, from + 1 + word.length);
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
  view: open && html`<${Suggestions} ask=${ask} found=${found} index=${index} onPick=${pick} onPoint=${setIndex}/>` };
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

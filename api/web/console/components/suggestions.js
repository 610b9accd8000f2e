// What a slash or an at-sign in the composer brings up: canned responses, and colleagues to mention.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { notify } from '../store/announce.js';
import { canned, fillCanned, findCanned, loadCanned } from '../store/canned.js';
import { activeUsers, presenceOf, refreshUsers } from '../store/directory.js';
import { me } from '../store/session.js';
import { fold } from '../store/words.js';
import { Avatar } from './avatar.js';

const SHOWN = 8;
const FRESH = 60_000;
let peopleAt = 0;

/** Fetches what may be suggested, unless that was just done. */
export function prepare({ kind }) {
  if (kind === 'slash') loadCanned().catch((problem) => notify(problem.message));
  else freshPeople();
}

/** Who came since the page was loaded can be mentioned too. */
function freshPeople() {
  if (Date.now() - peopleAt < FRESH) return;
  peopleAt = Date.now();
  refreshUsers().catch(() => { peopleAt = 0; });
}

export function choices({ kind, word }) {
  if (kind === 'slash') return findCanned(canned.value ?? [], word).slice(0, SHOWN);
  const wanted = fold(word);
  return activeUsers.value.filter((user) => user.id !== me.value?.id
    && (fold(user.name).startsWith(wanted) || fold(user.name).split(' ').some((name) => name.startsWith(wanted))))
    .slice(0, SHOWN);
}

/** The words to put in place of what was typed, or null when they cannot be had. */
export async function wordsFor({ kind }, choice, conversationId) {
  if (kind === 'mention') return `@${choice.name} `;
  try {
    return await fillCanned(choice.id, conversationId);
  } catch (problem) {
    notify(problem.message);
    return null;
  }
}

export function Suggestions({ ask, found, index, onPick, onPoint }) {
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

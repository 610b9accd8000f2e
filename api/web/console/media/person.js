// A contact card that was sent: its numbers and addresses to copy, and a way to the conversation with that person.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { get } from '../core/api.js';
import { go, inboxHash } from '../core/router.js';
import { notify } from '../store/announce.js';
import { Copy } from '../components/copy_button.js';

export function Person({ person }) {
  const phones = (person.phones ?? []).map(valueOf).filter(Boolean);
  const emails = (person.emails ?? []).map(valueOf).filter(Boolean);
  return html`<div class="card person"><${Icon} name="card" size=${24}/>
    <span class="card-words"><b dir="auto">${person.name || t('contact.unnamed')}</b>
      ${[...phones, ...emails].map((value) => html`<${Copy} key=${value} text=${value}>${value}<//>`)}
      ${phones.length + emails.length > 0 && html`<button type="button" class="button small person-start"
          onClick=${() => begin([...phones, ...emails])}><${Icon} name="webchat" size=${16}/>${t('person.start')}</button>`}
    </span></div>`;
}

/** Providers send plain strings or objects around them. */
function valueOf(one) { return typeof one === 'string' ? one : one?.phone ?? one?.email ?? one?.wa_id ?? ''; }

/** Opens the conversation that is held with one of these addresses; without one there is nothing to open yet. */
async function begin(values) {
  try {
    for (const value of values) {
      const { results } = await get('/contacts', { search: value, page_size: 5 });
      for (const contact of results) {
        const { results: held } = await get(`/contacts/${contact.id}/conversations`);
        if (held.length) { go(inboxHash(held[0].status === 'closed' ? 'closed' : 'all', held[0].id)); return; }
      }
    }
    notify(t('person.none'));
  } catch (problem) {
    notify(problem.message);
  }
}

// A contact card that was sent: its numbers and addresses to copy, and a way to the conversation with that person.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { get, post, Problem } from '../core/api.js';
import { go, inboxHash } from '../core/router.js';
import { notify } from '../store/announce.js';
import { rowSignal } from '../store/rows.js';
import { openId } from '../store/threads.js';
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

/** Opens the conversation with who has one of these addresses, on this channel before others; or says why there is none. */
async function begin(values) {
  const channel = rowSignal(openId.peek()).peek()?.channel.id;
  let refusal = t('person.none');
  try {
    for (const value of values) {
      const { results } = await get('/contacts', { search: value, page_size: 5 });
      for (const { id } of results) {
        const here = await post('/conversations', { contact_id: id, channel_id: channel }).catch(passed);
        const found = here instanceof Problem ? (await get(`/contacts/${id}/conversations`)).results[0] : here;
        if (found) { go(inboxHash(found.status === 'closed' ? 'closed' : 'all', found.id)); return; }
        refusal = here.message;
      }
    }
  } catch (problem) {
    refusal = problem.message;
  }
  notify(refusal);
}

/** That it cannot be begun on this channel; anything else is thrown on. */
function passed(problem) {
  if (problem.status !== 409) throw problem;
  return problem;
}

// A test there and back: a message from one's own phone arrives, an answer goes out, and its ticks are followed.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { get, post, Problem } from '../core/api.js';
import { inboxHash } from '../core/router.js';
import { freshId } from '../core/storage.js';
import { may } from '../store/session.js';
import { Refusal } from '../components/field.js';

const EVERY = 2000;
const SETTLED = ['delivered', 'read', 'failed'];

export function TestMessage({ channel }) {
  const wrote = (found) => found?.last_message?.author === 'customer';
  const found = usePulled(() => get('/conversations', { view: 'all', channel_id: channel.id, limit: 1 })
    .then((page) => page.results[0] ?? null), wrote);
  const row = wrote(found) ? found : null;
  const number = channel.settings.display_phone_number;
  return html`<ol class="test-steps"><li class=${row ? 'done' : ''}>
      <${Mark} done=${Boolean(row)} n=${1}/><div><strong>${t('wa.test_write')}</strong>
        <p>${number ? t('wa.test_write_to', { number }) : t('wa.test_write_words')}</p>
        <p role="status">${row ? html`<span class="inline-good"><${Icon} name="check" size=${16}/>
          ${t('wa.test_arrived', { name: row.contact.name || row.contact.handle, text: row.last_message?.text ?? '' })}</span>`
          : html`<span class="hint waiting-dots">${t('wa.test_waiting')}</span>`}</p></div></li>
    <li><${Mark} n=${2}/><div><strong>${t('wa.test_answer')}</strong><p>${t('wa.test_answer_words')}</p>
      ${row && may('conversation:reply') && html`<${Answer} row=${row}/>`}
      ${row && html`<a href=${inboxHash('all', row.id)}>${t('wa.test_open')}</a>`}</div></li></ol>
    <details class="trouble"><summary>${t('wa.trouble')}</summary><ul class="plain-list">
      ${['webhook', 'subscribe', 'development'].map((one) => html`<li key=${one}>${t(`wa.trouble_${one}`)}</li>`)}</ul></details>`;
}

function Answer({ row }) {
  const [sent, setSent] = useState(null);
  const [problem, setProblem] = useState(null);
  const send = async () => {
    setProblem(null);
    try {
      setSent(await post(`/conversations/${row.id}/messages`, { client_id: freshId(), text: t('wa.test_text') }));
    } catch (refusal) {
      if (!(refusal instanceof Problem)) throw refusal;
      setProblem(refusal);
    }
  };
  return html`<${Refusal} problem=${problem}/>${sent ? html`<${Followed} message=${sent}/>`
    : html`<button type="button" class="button primary" onClick=${send}><${Icon} name="send" size=${16}/>
      ${t('wa.test_send')}</button>`}`;
}

function Followed({ message }) {
  const now = usePulled(() => get(`/conversations/${message.conversation_id}/messages/${message.id}`),
    (found) => SETTLED.includes(found.state)) ?? message;
  const { state, error } = now;
  return html`<p role="status" class=${state === 'failed' ? 'inline-problem' : SETTLED.includes(state) ? 'inline-good' : 'hint'}>
    ${t(`state.${state}`)}${error?.detail ? `: ${error.detail}` : ''}</p>`;
}

function Mark({ done, n }) {
  return html`<span class="step-mark" aria-hidden="true">${done ? html`<${Icon} name="check" size=${16}/>` : n}</span>`;
}

/** Asks every two seconds until what comes back is what was waited for. */
function usePulled(ask, enough) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let timer = 0;
    const turn = async () => {
      let answer = null;
      try {
        answer = await ask();
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
      }
      if (timer === null) return;
      if (answer) setFound(answer);
      if (!answer || !enough(answer)) timer = setTimeout(turn, EVERY);
    };
    turn();
    return () => { clearTimeout(timer); timer = null; };
  }, []);
  return found;
}

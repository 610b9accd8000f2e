/* The list of messages: keeps the reading position, follows the end while the reader is there, loads history upward. */
import { Component } from '../../vendor/preact.js';
import { day, t } from '../text.js';
import { Bubble } from './bubble.js';
import { Lazy } from './lazy.js';
import { html, Icon } from './parts.js';

const NEAR = 48; // px from the end that still count as being there
const AHEAD = 200; // px before the top at which history is fetched
const TOGETHER = 5 * 60_000; // ms between messages of one group

const rating = () => import('./rating.js').then((it) => it.Rating);

export class ThreadView extends Component {
  state = { atEnd: true };
  #atEnd = true;
  #height = 0;
  #top = null;
  #bottom = null;

  componentDidMount() {
    this.watcher = new ResizeObserver(() => this.#atEnd && this.#toEnd()); // a picture, the screen keyboard
    this.watcher.observe(this.box);
    this.watcher.observe(this.box.firstChild);
    this.componentDidUpdate();
  }

  componentWillUnmount() {
    this.watcher.disconnect();
  }

  /** At the end, stay there; rows added above, keep what is read where it is; an own new message brings the reader to the end. */
  componentDidUpdate() {
    const top = this.rows.find((it) => it.type === 'message')?.key;
    const bottom = this.rows.at(-1);
    const ownAdded = bottom?.key !== this.#bottom && bottom?.message?.state === 'waiting';
    if (this.#atEnd || ownAdded) this.#toEnd();
    else if (top !== this.#top) this.box.scrollTop += this.box.scrollHeight - this.#height;
    this.#height = this.box.scrollHeight;
    this.#top = top;
    this.#bottom = bottom?.key;
  }

  render({ chat, onImage }, { atEnd }) {
    const { thread, conversation, outbox, company } = chat;
    this.rows = rowsOf(thread.messages.value, outbox.entries.value);
    const empty = !this.rows.length && conversation.loading.value;
    const greeted = !thread.hasBefore.value && company.value.greeting && !empty;
    return html`<div class="thread-frame">
      <div
        class="thread" tabindex="0" role="region" aria-label=${t('messages')} aria-busy=${thread.stale.value}
        ref=${(it) => (this.box = it)} onScroll=${() => this.#scrolled()}
      >
        <div>
          <${Earlier} conversation=${conversation} />
          <ol>
            ${greeted && html`<${Greeting} key="greeting" company=${company.value} />`}
            ${this.rows.map((row) => html`<${Row} key=${row.key} row=${row} chat=${chat} onImage=${onImage} />`)}
            <${Typing} key="typing" who=${conversation.typing.value} />
          </ol>
          ${chat.unrated() && html`<${Lazy} key=${chat.unrated()} load=${rating} chat=${chat} onDismiss=${chat.unrate} />`}
          ${empty && html`<${Skeleton} />`}
        </div>
      </div>
      ${!atEnd && html`<button type="button" class="to-end" onClick=${() => this.#toEnd()} aria-label=${t('to_end')}><${Icon} name="down" /></button>`}
    </div>`;
  }

  #toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    this.#atEnd = atEnd;
    if (atEnd !== this.state.atEnd) this.setState({ atEnd });
    if (scrollTop < AHEAD) this.props.chat.conversation.loadBefore();
  }
}

/** Drawn again only when its own message changes, however long the thread. */
class Row extends Component {
  shouldComponentUpdate({ row }) {
    const was = this.props.row;
    return row.message !== was.message || row.first !== was.first || row.last !== was.last;
  }

  render({ row, chat, onImage }) {
    if (row.type === 'day') return html`<li class="day">${day(row.at)}</li>`;
    if (row.type === 'system') return html`<li class="system">${t(row.message.content.event, row.message.content)}</li>`;
    return html`<${Bubble} row=${row} chat=${chat} onImage=${onImage} />`;
  }
}

function Greeting({ company }) {
  return html`<li class="message theirs first last">
    <span class="author">${company.name}</span>
    <div class="bubble"><p dir="auto">${company.greeting}</p></div>
  </li>`;
}

function Typing({ who }) {
  if (!who) return null;
  return html`<li class="message theirs first typing">
    <span class="author">${who.name ? t('is_typing', { name: who.name }) : t('someone_typing')}</span>
    <div class="bubble" aria-hidden="true"><i></i><i></i><i></i></div>
  </li>`;
}

function Earlier({ conversation }) {
  if (conversation.failedBefore.value) {
    return html`<p class="earlier">${t('before_failed')} <button type="button" class="link" onClick=${() => conversation.loadBefore()}>${t('try_again')}</button></p>`;
  }
  return html`<p class=${`earlier ${conversation.loadingBefore.value ? 'slow' : 'still'}`} aria-hidden=${!conversation.loadingBefore.value}>${t('loading')}…</p>`;
}

function Skeleton() {
  return html`<div class="skeleton slow" role="status" aria-label=${t('loading')}><i></i><i class="right"></i><i></i></div>`;
}

/** An own message is keyed by the id that the browser gave it: one element from the key press to the read tick. */
export function rowsOf(messages, entries) {
  const confirmed = new Set(messages.map((it) => it.client_id).filter(Boolean));
  const waiting = entries.filter((it) => !confirmed.has(it.client_id)).map(fromEntry);
  const rows = [];
  let previous = null;
  for (const message of [...messages, ...waiting]) {
    const sameDay = previous && dayOf(previous) === dayOf(message);
    if (!sameDay) rows.push({ type: 'day', key: `day ${dayOf(message)}`, at: message.created_at });
    if (message.kind === 'system') {
      rows.push({ type: 'system', key: message.id, message });
    } else {
      const own = message.author === 'customer';
      const first = !sameDay || !together(previous, message);
      if (!first) rows.at(-1).last = false;
      rows.push({ type: 'message', key: (own && message.client_id) || message.id, message, own, first, last: true });
    }
    previous = message;
  }
  return rows;
}

function fromEntry(entry) {
  const { client_id, text, attachments, created_at, state, detail } = entry;
  const kind = attachments.length ? 'document' : 'text';
  return { client_id, author: 'customer', kind, text, attachments, created_at, state, detail, reactions: [] };
}

function together(one, other) {
  return (
    one.kind !== 'system' &&
    one.author === other.author &&
    one.author_name === (other.author === 'customer' ? one.author_name : other.author_name) &&
    one.state !== 'refused' &&
    Math.abs(new Date(other.created_at) - new Date(one.created_at)) < TOGETHER
  );
}

function dayOf(message) {
  return new Date(message.created_at).toDateString();
}

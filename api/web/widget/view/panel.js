/* The open chat: a dialog beside the page, or over it on a phone. */
import { Component } from '../../vendor/preact.js';
import { t } from '../text.js';
import { Lightbox } from './attachment.js';
import { Composer } from './composer.js';
import { Consent, Header, Notice } from './head.js';
import { Lazy } from './lazy.js';
import { html, isPhone, isTouch } from './parts.js';
import { ThreadView } from './thread.js';

const REACHABLE = 'button, textarea, input:not([hidden]), a[href], audio, video, [tabindex="0"]';

const preChat = () => import('./pre_chat.js').then((it) => it.PreChat);
const moreSheet = () => import('./more.js').then((it) => it.More);

export function Panel({ chat, takeFocus }) {
  return html`
    ${chat.open.value && html`<${Opened} chat=${chat} takeFocus=${takeFocus} />`}
    <${Spoken} chat=${chat} />
  `;
}

class Opened extends Component {
  state = { image: null, over: false, more: false };

  componentDidMount() {
    this.field = () => this.box.querySelector('.composer textarea') ?? this.box;
    if (this.props.takeFocus) (isTouch() ? this.box : this.field()).focus({ preventScroll: true });
    this.unfollow = followKeyboard(this.box);
  }

  componentWillUnmount() {
    this.unfollow?.();
  }

  /** The field comes when it is known that nothing is asked first; whoever opened the chat to write gets it. */
  componentDidUpdate() {
    if (this.#wantsFocus() && !isTouch()) this.field().focus({ preventScroll: true });
  }

  render({ chat }, { image, over, more }) {
    const asking = chat.asking();
    return html`<section
      class="panel" ref=${(it) => (this.box = it)} role="dialog" tabindex="-1" aria-modal=${isPhone() ? 'true' : null}
      aria-label=${t('dialog', { name: chat.company.value.name })} onKeyDown=${(event) => this.#press(event)}
      onDrop=${(event) => this.#drop(event)} onDragOver=${(event) => this.#drag(event)} onDragLeave=${(event) => this.#leave(event)}
    >
      <${Header} chat=${chat} more=${more} onMore=${() => (more ? this.#lessen() : this.setState({ more: true }))} />
      <${Notice} chat=${chat} />
      <${Consent} chat=${chat} />
      ${more && html`<${Lazy} load=${moreSheet} onFailed=${() => this.#lessen()} chat=${chat} onClose=${() => this.#lessen()} />`}
      <${ThreadView} chat=${chat} onImage=${(shown) => this.setState({ image: shown })} />
      ${asking === false && html`<${Composer} chat=${chat} />`}
      ${asking === null && html`<div class="composer unknown"></div>`}
      ${asking && html`<${Lazy} load=${preChat} onFailed=${chat.skip} chat=${chat} takeFocus=${() => this.#wantsFocus() && !isTouch()} />`}
      ${over && html`<p class="drop">${t('drop')}</p>`}
      ${image && html`<${Lightbox} image=${image} onClose=${() => this.setState({ image: null }, () => this.field().focus())} />`}
    </section>`;
  }

  /** Whether the focus rests on the panel itself, or went with what it was on. */
  #wantsFocus() {
    const now = this.box.getRootNode().activeElement;
    return this.props.takeFocus && (!now || now === this.box);
  }

  #lessen() {
    this.setState({ more: false }, () => this.box.querySelector('header [aria-expanded]')?.focus());
  }

  #press(event) {
    if (event.key === 'Escape' && !event.isComposing) this.props.chat.close();
    if (event.key === 'Tab' && isPhone()) keepFocusIn(this.box, event);
  }

  #drag(event) {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    this.setState({ over: true });
  }

  #leave(event) {
    if (!this.box.contains(event.relatedTarget)) this.setState({ over: false });
  }

  #drop(event) {
    event.preventDefault();
    this.setState({ over: false });
    this.props.chat.uploads.add(event.dataTransfer.files);
  }
}

/** Says new messages of the house aloud, open or closed; history that loads is not news. */
function Spoken({ chat }) {
  const message = chat.heard.value;
  const name = message?.author_name || chat.company.value.name;
  const text = message && (message.text || message.attachments?.map((it) => it.name).join(', ') || t('unsupported'));
  return html`<div class="listened" role="log" aria-live="polite">${message && html`<p key=${message.id}>${t('says', { name, text })}</p>`}</div>`;
}

/** Keeps the Tab key inside the full-screen panel. */
function keepFocusIn(panel, event) {
  const stops = [...panel.querySelectorAll(REACHABLE)].filter((it) => it.checkVisibility());
  const now = panel.getRootNode().activeElement;
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (now !== edge && !(event.shiftKey && now === panel)) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

/** Follows the visible part of the screen until the given function is called. */
function followKeyboard(panel) {
  const seen = window.visualViewport;
  if (!seen) return undefined;
  const fit = () => {
    panel.style.setProperty('--seen-height', `${seen.height}px`);
    panel.style.setProperty('--seen-top', `${seen.offsetTop}px`);
  };
  fit();
  seen.addEventListener('resize', fit);
  seen.addEventListener('scroll', fit);
  return () => {
    seen.removeEventListener('resize', fit);
    seen.removeEventListener('scroll', fit);
  };
}

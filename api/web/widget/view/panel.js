/* The open chat: a dialog beside the page, or over it on a phone. */
import { Component } from '../../vendor/preact.js';
import { t } from '../text.js';
import { Lightbox } from './attachment.js';
import { Composer } from './composer.js';
import { Header, Notice } from './head.js';
import { html, isPhone, isTouch } from './parts.js';
import { ThreadView } from './thread.js';

const REACHABLE = 'button, textarea, a[href], audio, video, [tabindex="0"]';

export function Panel({ chat, takeFocus }) {
  return html`
    ${chat.open.value && html`<${Opened} chat=${chat} takeFocus=${takeFocus} />`}
    <${Spoken} chat=${chat} />
  `;
}

class Opened extends Component {
  state = { image: null, over: false };

  componentDidMount() {
    this.field = this.box.querySelector('textarea');
    if (this.props.takeFocus) (isTouch() ? this.box : this.field).focus({ preventScroll: true });
    this.unfollow = followKeyboard(this.box);
  }

  componentWillUnmount() {
    this.unfollow?.();
  }

  render({ chat }, { image, over }) {
    return html`<section
      class="panel" ref=${(it) => (this.box = it)} role="dialog" tabindex="-1" aria-modal=${isPhone() ? 'true' : null}
      aria-label=${t('dialog', { name: chat.company.value.name })} onKeyDown=${(event) => this.#press(event)}
      onDrop=${(event) => this.#drop(event)} onDragOver=${(event) => this.#drag(event)} onDragLeave=${(event) => this.#leave(event)}
    >
      <${Header} chat=${chat} />
      <${Notice} chat=${chat} />
      <${ThreadView} chat=${chat} onImage=${(shown) => this.setState({ image: shown })} />
      <${Composer} chat=${chat} />
      ${over && html`<p class="drop">${t('drop')}</p>`}
      ${image && html`<${Lightbox} image=${image} onClose=${() => this.setState({ image: null }, () => this.field.focus())} />`}
    </section>`;
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

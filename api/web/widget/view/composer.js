/* Where the visitor writes: text that grows, files that upload beside it, one key to send. */
import { Component } from '../../vendor/preact.js';
import { percent, size, t } from '../text.js';
import { html, Icon, isTouch } from './parts.js';

const LONGEST = 4_000; // characters of one message

export class Composer extends Component {
  state = { text: this.props.chat.keep.get('draft') ?? '', pending: false }; // pending: sent while files were on their way

  componentDidUpdate() {
    const { moving, failed } = this.#files();
    if (this.state.pending && failed) this.setState({ pending: false });
    else if (this.state.pending && !moving) this.#send();
  }

  render({ chat }, { text, pending }) {
    const { items, failed, usable } = this.#files();
    const idle = failed || !(text.trim() || usable);
    return html`<form class="composer" onSubmit=${(event) => this.#submit(event)}>
      ${items.length > 0 && html`<${Picked} items=${items} uploads=${chat.uploads} />`}
      ${pending && html`<p class="hint" role="status">${t('sends_when_ready')}</p>`}
      <div class="line">
        <${Pick} uploads=${chat.uploads} />
        <div class="grow" data-text=${`${text} `}>
          <textarea
            rows="1" dir="auto" maxlength=${LONGEST} enterkeyhint=${isTouch() ? 'enter' : 'send'} aria-label=${t('write')}
            placeholder=${t('write')} value=${text} ref=${(it) => (this.field = it)} onInput=${(event) => this.#write(event.target.value)}
            onKeyDown=${(event) => this.#press(event)} onPaste=${(event) => this.#paste(event)}
          ></textarea>
        </div>
        <button type="submit" class="send" aria-label=${t('send')} title=${t('send')} aria-disabled=${idle}><${Icon} name="send" /></button>
      </div>
    </form>`;
  }

  #files() {
    const items = this.props.chat.uploads.items.value;
    const any = (state) => items.some((it) => it.state === state);
    return { items, moving: any('moving'), failed: any('failed'), usable: any('moving') || any('ready') };
  }

  #write(text) {
    const { keep, typing } = this.props.chat;
    this.setState({ text });
    keep.set('draft', text);
    if (text.trim()) typing.pressed();
    else typing.stopped();
  }

  #press(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && !isTouch()) this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    const { moving, failed, usable } = this.#files();
    if (failed || !(this.state.text.trim() || usable)) return;
    if (moving) this.setState({ pending: true });
    else this.#send();
    this.field.focus();
  }

  #send() {
    const { chat } = this.props;
    chat.send(this.state.text.trim());
    chat.keep.remove('draft');
    this.setState({ text: '', pending: false });
  }

  #paste(event) {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    this.props.chat.uploads.add(event.clipboardData.files);
  }
}

function Pick({ uploads }) {
  let input;
  const picked = () => {
    uploads.add(input.files);
    input.value = '';
  };
  return html`<button type="button" class="tool" aria-label=${t('attach')} title=${t('attach')} onClick=${() => input.click()}>
      <${Icon} name="attach" />
    </button>
    <input ref=${(it) => (input = it)} type="file" multiple hidden onChange=${picked} />`;
}

function Picked({ items, uploads }) {
  return html`<ul class="picked">
    ${items.map((item) => html`<${One} key=${item.key} item=${item} uploads=${uploads} />`)}
  </ul>`;
}

function One({ item, uploads }) {
  const { key, name, state, progress, detail } = item;
  const failed = state === 'failed';
  return html`<li class=${failed ? 'failed' : ''}>
    <${Icon} name=${failed ? 'alert' : 'file'} />
    <span class="file-name">
      <span>${name}</span>
      ${state === 'moving' && html`<progress max="1" value=${progress} aria-label=${t('uploading', { name, progress: percent(progress) })}></progress>`}
      ${state === 'ready' && html`<small>${size(item.size)}</small>`}
      ${failed && html`<small role="alert">${detail || t('upload_failed')}</small>`}
    </span>
    ${failed && html`<button type="button" class="link" onClick=${() => uploads.retry(key)}>${t('try_again')}</button>`}
    <button type="button" class="tool small" aria-label=${t('remove', { name })} onClick=${() => uploads.remove(key)}><${Icon} name="close" /></button>
  </li>`;
}

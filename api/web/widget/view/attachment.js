/* One attachment in a bubble: a picture, a player, or a file to save; and the picture at full size. */
import { Component } from '../../vendor/preact.js';
import { isShown } from '../files.js';
import { size, t } from '../text.js';
import { html, Icon } from './parts.js';

const WIDEST = 232; // px of a picture in a bubble
const TALLEST = 260;

export class Attachment extends Component {
  state = { url: null, broken: false, failed: false };

  componentDidMount() {
    if (this.#shown()) this.#fetch();
  }

  componentDidUpdate(before) {
    if (before.file.state !== this.props.file.state) this.componentDidMount();
  }

  render({ file, onImage }, { url, broken, failed }) {
    if (broken || !isShown(file.mime) || file.state === 'failed') return html`<${Saved} file=${file} failed=${failed} onSave=${() => this.#save()} />`;
    const family = file.mime.split('/')[0];
    const onError = () => this.setState({ broken: true });
    if (family === 'image') return html`<${Picture} file=${file} url=${url} onImage=${onImage} onError=${onError} />`;
    const label = file.name || t(family === 'video' ? 'video' : 'voice');
    if (!url) return html`<span class="player empty" role="img" aria-label=${label}></span>`;
    return html`<${family} class="player" controls preload="metadata" src=${url} aria-label=${label} onError=${onError} />`;
  }

  #shown() {
    return isShown(this.props.file.mime) && !['pending', 'failed'].includes(this.props.file.state);
  }

  async #fetch() {
    const { files, file } = this.props;
    await files.url(file).then((url) => this.setState({ url }), () => this.setState({ broken: true }));
  }

  /** Fetched when asked for, and given to the browser's own "save". */
  async #save() {
    const { files, file } = this.props;
    try {
      const href = await files.url({ ...file, mime: null });
      Object.assign(document.createElement('a'), { href, download: file.name || t('file') }).click();
      this.setState({ failed: false });
    } catch {
      this.setState({ failed: true });
    }
  }
}

function Picture({ file, url, onImage, onError }) {
  const name = file.name || t('image');
  const scale = file.width && file.height ? Math.min(1, WIDEST / file.width, TALLEST / file.height) : 0;
  const measure = scale ? { width: Math.round(file.width * scale), height: Math.round(file.height * scale) } : {};
  if (!url) return html`<svg class=${`picture ${scale ? '' : 'unmeasured'}`} ...${measure} role="img" aria-label=${name}></svg>`;
  return html`<button type="button" class="picture" aria-label=${t('image_open', { name })} onClick=${() => onImage({ url, name })}>
    <img src=${url} alt="" ...${measure} onError=${onError} />
  </button>`;
}

function Saved({ file, failed, onSave }) {
  const name = file.name || t('file');
  return html`<button type="button" class="file" onClick=${onSave}>
    <${Icon} name="file" />
    <span class="file-name"><span>${name}</span><small role="status">${failed ? t('download_failed') : size(file.size ?? 0)}</small></span>
    <${Icon} name="save" label=${t('download')} />
  </button>`;
}

export class Lightbox extends Component {
  componentDidMount() {
    this.box.showModal();
  }

  render({ image, onClose }) {
    const away = (event) => event.target === this.box && onClose();
    return html`<dialog class="lightbox" ref=${(it) => (this.box = it)} aria-label=${image.name} onClose=${onClose} onClick=${away} onKeyDown=${(event) => event.stopPropagation()}>
      <img src=${image.url} alt=${image.name} />
      <div class="lightbox-tools">
        <a class="tool" href=${image.url} download=${image.name} aria-label=${t('download')}><${Icon} name="save" /></a>
        <button type="button" class="tool" aria-label=${t('close')} onClick=${onClose}><${Icon} name="close" /></button>
      </div>
    </dialog>`;
  }
}

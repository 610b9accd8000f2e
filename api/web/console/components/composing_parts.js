// What stands above the words in the composer: the message being answered and the files that go along.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { fileSize, t } from '../../shared/i18n.js';
import { detach, retryFile } from '../store/composing.js';
import { lastWords } from './row.js';

export function QuoteLine({ quote, onDrop }) {
  return html`<div class="composer-quote"><${Icon} name="reply" size=${16}/><p><b>
    ${quote.author_name || t(`author.${quote.author}`)}</b> ${lastWords(quote)}</p>
    <button type="button" class="icon-button small" aria-label=${t('composer.drop_quote')} onClick=${onDrop}>
      <${Icon} name="close" size=${16}/></button></div>`;
}

export function Files({ id, files }) {
  return html`<ul class="composer-files" role="list" aria-label=${t('composer.files')}>
    ${files.map((file) => html`<li key=${file.key} class=${file.problem ? 'bad' : ''}>
    <${Icon} name=${iconOf(file)} size=${16}/>
    <span class="composer-file-name" dir="auto">${file.voice ? t('kind.voice') : file.name}</span>
    <span class="hint" role=${file.problem ? 'alert' : null}>
      ${file.waiting ? t('composer.file_waits') : file.problem ?? fileSize(file.size)}</span>
    ${!file.uploaded && !file.problem &&
      html`<progress max="1" value=${file.progress} aria-label=${t('composer.uploading', { name: file.name })}>
        </progress>`}
    ${file.problem && file.file && html`<button type="button" class="icon-button small"
        aria-label=${t('composer.retry_file', { name: file.name })} title=${t('action.retry')}
        onClick=${() => retryFile(id, file.key)}><${Icon} name="retry" size=${16}/></button>`}
    <button type="button" class="icon-button small" aria-label=${t('composer.detach', { name: file.name })}
        onClick=${() => detach(id, file.key)}><${Icon} name="close" size=${16}/></button></li>`)}</ul>`;
}

function iconOf({ mime, voice }) {
  if (voice) return 'mic';
  return mime.startsWith('image/') ? 'image' : mime.startsWith('video/') ? 'video' : 'file';
}

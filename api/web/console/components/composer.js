// Where the answer is written: two modes that cannot be confused, files, a quoted message, and the time left to answer.
import { useEffect, useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, fileSize, remaining, t } from '../../shared/i18n.js';
import { secondsSince } from '../core/clock.js';
import { attach, attached, clearComposing, composeAs, detach, dropQuote, modes, quoting } from '../store/composing.js';
import { draft, keepDraft } from '../store/drafts.js';
import { queue } from '../store/outbox.js';
import { sends } from '../store/preferences.js';
import { rowSignal } from '../store/rows.js';
import { iStopped, iWrite } from '../store/typing.js';
import { EmojiGrid } from './emoji.js';
import { Popover } from './popover.js';
import { lastWords } from './row.js';

const LAST_HOURS = 4 * 3600;

export function Composer({ opened }) {
  const { id } = opened;
  const mode = modes.value.get(id) ?? 'reply';
  const detail = opened.detail.value;
  const closed = windowClosed(detail);
  if (detail && !detail.can?.reply && !detail.can?.note && !closed) return html`<footer class="composer read-only"><p>
    <${Icon} name="eye" size=${16}/>${t('composer.read_only')}</p></footer>`;
  return html`<footer class=${`composer mode-${mode}`} aria-label=${t(`composer.${mode}_label`)}>
    <${Modes} mode=${mode}/>
    ${mode === 'reply' && closed ? html`<${WindowClosed} detail=${detail}/>`
      : html`<${Writing} key=${`${id}-${mode}`} id=${id} mode=${mode} detail=${detail}/>`}
  </footer>`;
}

function windowClosed(detail) {
  const limit = detail?.window;
  if (!limit) return false;
  return limit.open === false || Boolean(limit.closes_at && secondsSince(limit.closes_at) >= 0);
}

function Modes({ mode }) {
  const tab = (name, icon) => html`<button type="button" class=${`mode ${name}`}
      aria-pressed=${mode === name ? 'true' : 'false'} onClick=${() => composeAs(name)}>
    <${Icon} name=${icon} size=${16}/>${t(`composer.${name}`)}<kbd aria-hidden="true">
      ${name === 'reply' ? 'R' : 'N'}</kbd></button>`;
  return html`<div class="modes" role="group" aria-label=${t('composer.mode')}>
    ${tab('reply', 'reply')}${tab('note', 'note')}
    ${mode === 'note' && html`<span class="mode-hint">${t('composer.note_hint')}</span>`}</div>`;
}

function WindowClosed({ detail }) {
  const at = detail.window.closes_at;
  return html`<div class="window-closed" role="status"><${Icon} name="clock" size=${20}/>
    <p><strong>${t('window.closed')}</strong> <span>
      ${at ? t('window.closed_at', { time: exactTime(at) }) : ''} ${t('window.closed_hint')}</span></p></div>`;
}

function Writing({ id, mode, detail }) {
  const box = useRef(null);
  const picker = useRef(null);
  const [text, setText] = useState(() => draft(id, mode));
  const files = attached.value.get(id) ?? [];
  const quote = quoting.value.get(id);
  const busy = files.some((file) => !file.uploaded);
  const empty = !text.trim() && files.length === 0;
  const closedRow = rowSignal(id).value?.status === 'closed';
  useLayoutEffect(() => grow(box.current), [text]);
  useEffect(() => () => { if (mode === 'reply') iStopped(); }, []);

  const write = (words) => {
    setText(words);
    keepDraft(id, mode, words);
    if (mode === 'reply' && words.trim()) iWrite(id);
  };
  const submit = () => {
    if (empty || busy) return;
    const note = mode === 'note';
    const answers = quote ? { id: quote.id, seq: quote.seq, author: quote.author, author_name: quote.author_name,
      kind: quote.kind, text: quote.text } : null;
    // One file to a message, as the channels have it; the words go with the first.
    const parts = files.length ? files.map((file) => [drawable(file)]) : [[]];
    parts.forEach((attachments, index) => queue(id,
      { text: index ? '' : text.trim(), note, reply_to: index ? null : answers, attachments }));
    clearComposing(id);
    setText('');
    keepDraft(id, mode, '');
    if (!note) iStopped();
    box.current.focus();
  };
  const keys = (event) => {
    if (event.isComposing) return;
    if (sends(event)) { event.preventDefault(); submit(); }
    if (event.key === 'Escape') { event.preventDefault(); if (quote) dropQuote(id); else document.querySelector('.messages')?.focus(); }
  };
  const paste = (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    attach(id, event.clipboardData.files);
  };
  const insert = (mark) => {
    const { selectionStart: from, selectionEnd: to } = box.current;
    write(text.slice(0, from) + mark + text.slice(to));
    requestAnimationFrame(() => { box.current.focus(); box.current.setSelectionRange(from + mark.length,
      from + mark.length); });
  };
  return html`
    ${quote && html`<div class="composer-quote"><${Icon} name="reply" size=${16}/><p><b>
      ${quote.author_name || t(`author.${quote.author}`)}</b> ${lastWords(quote)}</p>
      <button type="button" class="icon-button small" aria-label=${t('composer.drop_quote')}
          onClick=${() => dropQuote(id)}><${Icon} name="close" size=${16}/></button></div>`}
    ${files.length > 0 && html`<${Files} id=${id} files=${files}/>`}
    <textarea id="composer-text" ref=${box} rows="1" dir="auto" value=${text} aria-label=${t(`composer.${mode}_label`)}
        placeholder=${t(`composer.${mode}_placeholder`)}
      onInput=${(event) => write(event.target.value)} onKeyDown=${keys} onPaste=${paste}
          onBlur=${() => { if (mode === 'reply') iStopped(); }}></textarea>
    <div class="composer-foot">
      <button type="button" class="icon-button" aria-label=${t('composer.attach')} title=${t('composer.attach')}
          onClick=${() => picker.current.click()}><${Icon} name="attach"/></button>
      <input type="file" multiple hidden ref=${picker} aria-label=${t('composer.attach')}
          onChange=${(event) => { attach(id, event.target.files); event.target.value = ''; box.current.focus(); }}/>
      <${Popover} label=${t('composer.emoji')} role="dialog" boxClass="emoji-box"
          button=${html`<${Icon} name="smile"/>`}>
        ${(close) => html`<${EmojiGrid} onPick=${(mark) => { close(); insert(mark); }}/>`}<//>
      <span class="composer-gap"></span>
      ${mode === 'reply' && closedRow && html`<span class="hint">${t('composer.reopens')}</span>`}
      ${mode === 'reply' && html`<${WindowLeft} detail=${detail}/>`}
      <button type="button" class="button primary send" disabled=${empty || busy} onClick=${submit}
          title=${t('composer.enter')}>
        <${Icon} name=${mode === 'note' ? 'note' : 'send'} size=${16}/>
          ${t(mode === 'note' ? 'composer.add_note' : 'composer.send')}</button>
    </div>`;
}

/** An uploaded file as the attachment of a message that is still on its way. */
function drawable({ uploaded }) { return { width: null, height: null, duration: null, state: 'stored', ...uploaded }; }

function WindowLeft({ detail }) {
  const at = detail?.window?.closes_at;
  if (!at) return null;
  const left = -secondsSince(at);
  return html`<span class=${`window-left ${left < LAST_HOURS ? 'short' : ''}`}
      title=${t('window.until', { time: exactTime(at) })}><${Icon} name="clock" size=${16}/>
        ${t('window.left', { time: remaining(left) })}</span>`;
}

function Files({ id, files }) {
  return html`<ul class="composer-files" role="list" aria-label=${t('composer.files')}>
    ${files.map((file) => html`<li key=${file.key} class=${file.problem ? 'bad' : ''}>
    <${Icon} name=${file.mime.startsWith('image/') ? 'image' : 'file'} size=${16}/>
    <span class="composer-file-name">${file.name}</span><span class="hint" role=${file.problem ? 'alert' : null}>
      ${file.problem ?? fileSize(file.size)}</span>
    ${!file.uploaded && !file.problem &&
      html`<progress max="1" value=${file.progress} aria-label=${t('composer.uploading', { name: file.name })}>
        </progress>`}
    <button type="button" class="icon-button small" aria-label=${t('composer.detach', { name: file.name })}
        onClick=${() => detach(id, file.key)}><${Icon} name="close" size=${16}/></button></li>`)}</ul>`;
}

/** For browsers that cannot size a text box by its content. */
function grow(box) {
  if (CSS.supports('field-sizing', 'content')) return;
  box.style.height = 'auto';
  box.style.height = `${box.scrollHeight}px`;
}

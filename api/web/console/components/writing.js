// The box where words are written and everything that hangs on it: files, quote, suggestions, counter, sending.
import { useEffect, useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, remaining, t } from '../../shared/i18n.js';
import { toMessages } from '../commands/registry.js';
import { secondsSince } from '../core/clock.js';
import { attach, attached, clearComposing, drawable, dropQuote, quoting } from '../store/composing.js';
import { useCollision } from '../store/collision.js';
import { clearDraft, draft, draftHooks, draftQuote, writeDraft } from '../store/drafts.js';
import { queue } from '../store/outbox.js';
import { sends } from '../store/preferences.js';
import { beginRecording } from '../store/recordings.js';
import { rowSignal } from '../store/rows.js';
import { iStopped, iWrite } from '../store/typing.js';
import { Files, QuoteLine } from './composing_parts.js';
import { EmojiGrid } from './emoji.js';
import { part } from './part.js';
import { Popover } from './popover.js';
import { SendButton } from './send_button.js';
import { mentioned, useSuggest } from './suggest.js';

const LAST_HOURS = 4 * 3600;
const TEXT_LIMIT = 4096;
const CAPTION_LIMIT = 1024;
const COUNTED_FROM = 0.9;
const ScheduleDialog = part(() => import('../writing/schedule_dialog.js'), 'ScheduleDialog');

export function Writing({ opened, mode, detail }) {
  const { id } = opened;
  const box = useRef(null);
  const [scheduling, setScheduling] = useState(false);
  const text = draft(id, mode).value;
  const files = attached.value.get(id) ?? [];
  const quote = quoting.value.get(id) ?? null;
  const collision = useCollision(opened, mode, text);
  const limit = limitOf(id, mode, files);
  const length = text.length > limit * COUNTED_FROM ? [...text].length : text.length;
  const over = length - limit;
  const busy = files.some((file) => !file.uploaded);
  const empty = !text.trim() && files.length === 0;
  useLayoutEffect(() => grow(box.current), [text]);
  useEffect(() => {
    if (draftQuote(id) && !quoting.peek().get(id)) draftHooks.quoted(id, draftQuote(id));
    return () => { if (mode === 'reply') iStopped(); };
  }, []);
  useEffect(() => { if (text) writeDraft(id, mode, text, quote?.id ?? null); }, [quote?.id]);

  const write = (words) => {
    writeDraft(id, mode, words, quote?.id ?? null);
    if (mode === 'reply' && words.trim()) iWrite(id);
    if (!words.trim()) collision.clear();
  };
  /** Puts `words` in place of a part of the text and the cursor behind them. */
  const insert = (words, from = box.current.selectionStart, to = box.current.selectionEnd) => {
    const now = draft(id, mode).peek();
    write(now.slice(0, from) + words + now.slice(to));
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(from + words.length, from + words.length);
    });
  };
  const suggest = useSuggest({ id, mode, box, insert });
  const done = () => {
    clearComposing(id);
    clearDraft(id, mode);
    collision.clear();
    if (mode === 'reply') iStopped();
    box.current?.focus();
  };
  const submit = () => {
    if (empty || busy || over > 0 || !collision.mayGo()) return false;
    for (const message of partsOf(id, mode, text.trim(), files, quote)) queue(id, message);
    done();
    return true;
  };
  const keys = (event) => {
    if (event.isComposing || suggest.keys(event)) return;
    if (sends(event)) { event.preventDefault(); submit(); }
    if (event.key === 'ArrowUp' && !text) { event.preventDefault(); toMessages(); }
    if (event.key !== 'Escape') return;
    event.preventDefault();
    if (collision.rival) collision.clear();
    else if (quote) dropQuote(id);
    else document.querySelector('.messages')?.focus();
  };
  const paste = (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    attach(id, event.clipboardData.files);
  };
  return html`
    ${quote && html`<${QuoteLine} quote=${quote} onDrop=${() => dropQuote(id)}/>`}
    ${files.length > 0 && html`<${Files} id=${id} files=${files}/>`}
    ${collision.rival && html`<${Rival} rival=${collision.rival} onSend=${submit}
        onStay=${() => { collision.clear(); box.current.focus(); }}/>`}
    ${suggest.view}
    <textarea id="composer-text" ref=${box} rows="1" dir="auto" value=${text} aria-label=${t(`composer.${mode}_label`)}
        placeholder=${t(`composer.${mode}_placeholder`)} ...${suggest.attributes}
        onInput=${(event) => { write(event.target.value); suggest.look(); }} onKeyDown=${keys} onPaste=${paste}
        onClick=${suggest.look} onBlur=${() => { suggest.close(); if (mode === 'reply') iStopped(); }}></textarea>
    <div class="composer-foot">
      <${Tools} id=${id} box=${box} onEmoji=${(mark) => insert(mark)}/>
      <span class="composer-gap"></span>
      ${length > limit * COUNTED_FROM && html`<span class=${`counter ${over > 0 ? 'over' : ''}`} role="status">
        ${over > 0 ? t('composer.too_long', { count: over }) : t('composer.room', { count: -over })}</span>`}
      ${mode === 'reply' && rowSignal(id).value?.status === 'closed' &&
        html`<span class="hint">${t('composer.reopens')}</span>`}
      ${mode === 'reply' && html`<${WindowLeft} detail=${detail}/>`}
      <${SendButton} id=${id} mode=${mode} disabled=${empty || busy || over > 0} onSend=${submit}
          onSchedule=${() => setScheduling(true)}/>
    </div>
    ${scheduling && html`<${ScheduleDialog} id=${id} text=${text.trim()} files=${files} quote=${quote} detail=${detail}
        onClose=${() => setScheduling(false)} onDone=${() => { setScheduling(false); done(); }}/>`}`;
}

/** What a channel takes with one message; words beside a file are its caption. */
function limitOf(id, mode, files) {
  const outside = mode === 'reply' && rowSignal(id).peek()?.channel.kind !== 'webchat';
  return outside && files.length > 0 && takesCaption(files[0]) ? CAPTION_LIMIT : TEXT_LIMIT;
}

function takesCaption({ mime }) { return !mime.startsWith('audio/'); }

/** One file to a message, as the channels have it; the words go with the first, or before it when it is sound. */
function partsOf(id, mode, text, files, quote) {
  const note = mode === 'note';
  const reply_to = quote && { id: quote.id, seq: quote.seq, author: quote.author, author_name: quote.author_name,
    kind: quote.kind, text: quote.text };
  const mentions = note ? mentioned(text) : [];
  const parts = files.map((file) => ({ attachments: [drawable(file)] }));
  if (text && (parts.length === 0 || !takesCaption(files[0]))) parts.unshift({});
  return parts.map((one, index) => ({ ...one, note, ...(index ? {} : { text, reply_to, mentions }) }));
}

function Tools({ id, box, onEmoji }) {
  const picker = useRef(null);
  const pick = (event) => { attach(id, event.target.files); event.target.value = ''; box.current.focus(); };
  const records = Boolean(globalThis.MediaRecorder && navigator.mediaDevices);
  return html`<button type="button" class="icon-button" aria-label=${t('composer.attach')} data-act="attach"
      title=${t('composer.attach')} onClick=${() => picker.current.click()}><${Icon} name="attach"/></button>
    <input type="file" multiple hidden ref=${picker} aria-label=${t('composer.attach')} onChange=${pick}/>
    <${Popover} label=${t('composer.emoji')} role="dialog" boxClass="emoji-box" act="emoji"
        button=${html`<${Icon} name="smile"/>`}>
      ${(close) => html`<${EmojiGrid} onPick=${(mark) => { close(); onEmoji(mark); }}/>`}<//>
    ${records && html`<button type="button" class="icon-button" aria-label=${t('composer.record')} data-act="record"
        title=${t('composer.record')} onClick=${() => beginRecording(id)}><${Icon} name="mic"/></button>`}`;
}

function Rival({ rival, onSend, onStay }) {
  return html`<div class="rival" role="alert"><${Icon} name="users" size=${16}/>
    <p>${t(`collision.${rival.kind}`, { name: rival.name })}</p>
    <button type="button" class="button small" onClick=${onSend}>${t('collision.send')}</button>
    <button type="button" class="button small" onClick=${onStay}>${t('collision.stay')}</button></div>`;
}

function WindowLeft({ detail }) {
  const at = detail?.window?.closes_at;
  if (!at) return null;
  const left = -secondsSince(at);
  return html`<span class=${`window-left ${left < LAST_HOURS ? 'short' : ''}`}
      title=${`${t('window.until', { time: exactTime(at) })} ${t('window.then')}`}><${Icon} name="clock" size=${16}/>
        ${t('window.left', { time: remaining(left) })}</span>`;
}

/** For browsers that cannot size a text box by its content. */
function grow(box) {
  if (!box || CSS.supports('field-sizing', 'content')) return;
  box.style.height = 'auto';
  box.style.height = `${box.scrollHeight}px`;
}

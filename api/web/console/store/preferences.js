// How this person likes to work on this browser: which key sends, and where closing a conversation leads.
import { signal } from '../../vendor/signals.js';
import { load, save } from '../core/storage.js';

/** enter | mod_enter */
export const sendKey = signal(load('send-key', 'enter'));
/** stay | next */
export const afterClose = signal(load('after-close', 'stay'));

export function chooseSendKey(value) {
  sendKey.value = value;
  save('send-key', value);
}

export function chooseAfterClose(value) {
  afterClose.value = value;
  save('after-close', value);
}

/** Whether this key press sends what is being written; the other of the two makes a new line. */
export function sends(event) {
  if (event.key !== 'Enter' || event.shiftKey || event.altKey) return false;
  return event.ctrlKey || event.metaKey || sendKey.peek() === 'enter';
}

// Which picture or video of a thread is looked at, and the row of those around it.
import { signal } from '../../vendor/signals.js';

/** {conversation, file} or null */
export const viewing = signal(null);

export function view(conversation, file) { viewing.value = { conversation, file }; }
export function endViewing() { viewing.value = null; }

export function isPicture(file) { return /^image\/(?!svg)/.test(file.mime ?? ''); }
export function isVideo(file) { return (file.mime ?? '').startsWith('video/'); }

/** [{file, message}] of a thread, oldest first. */
export function visuals(messages) {
  return messages.filter((message) => !message.deleted_at && message.kind !== 'sticker').flatMap((message) =>
    (message.attachments ?? []).filter((file) => file.state === 'stored' && (isPicture(file) || isVideo(file)))
      .map((file) => ({ file, message })));
}

// The emoji picker's place: its list is fetched when someone first opens it.
import { html } from '../../shared/html.js';
import { part } from './part.js';

const Picker = part(() => import('../emoji/picker.js'), 'EmojiPicker');

/** `quiet` leaves the focus where it is. */
export function EmojiGrid({ onPick, quiet = false }) {
  return html`<div class="emoji-place"><${Picker} onPick=${onPick} quiet=${quiet}/></div>`;
}

// A small set of emoji for reactions and the composer.
import { html } from '../../shared/html.js';

const EMOJI = [...'😀😁😂🙂😉😊😍🤗🤔😐😴😕😢😭😡😱👍👎👏🙌🙏💪👋🤝✅❌⚠️❤️🔥🎉⭐💡📎📷📞📅📍🚚💳💰🕒👀🎁☕']
  .reduce((list, mark) => (mark === '\ufe0f' ? [...list.slice(0, -1), list.at(-1) + mark] : [...list, mark]), []);

export function EmojiGrid({ onPick }) {
  return html`<div class="emoji-grid">
    ${EMOJI.map((mark) => html`<button key=${mark} type="button" class="emoji" aria-label=${mark}
        onClick=${() => onPick(mark)}>${mark}</button>`)}</div>`;
}

// Initials of a person, with the presence or the channel at the corner.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';

/** The first letters of the first and the last word; a bare number gives its last two digits. */
export function initials(name = '') {
  const words = name.trim().split(/\s+/).filter((word) => /\p{L}/u.test(word));
  if (words.length === 0) return name.replace(/\D/g, '').slice(-2) || '?';
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return ends.map((word) => word.match(/\p{L}/u)[0].toLocaleUpperCase()).join('');
}

export function Avatar({ name, size = 36, presence, channel }) {
  return html`<span class=${`avatar s${size}`} aria-hidden="true" data-initials=${initials(name)}>
    ${presence && html`<span class=${`dot ${presence}`}></span>`}
    ${channel && html`<span class=${`channel-mark ${channel}`}><${Icon} name=${channelIcon(channel)} size=${12}/>
      </span>`}</span>`;
}

export function channelIcon(kind) {
  if (kind.startsWith('whatsapp')) return 'whatsapp';
  return kind === 'webchat' ? 'webchat' : 'channel';
}

export function channelName(kind) {
  return t(['webchat', 'whatsapp_business'].includes(kind) ? `channel.${kind}` : 'channel.other');
}

/** The name to show for a contact that may have none. */
export function contactName(contact) { return contact?.name || contact?.handle || t('contact.unnamed'); }

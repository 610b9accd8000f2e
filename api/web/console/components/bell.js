// The bell: how many notices are unread; pressed, their list.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { refreshNotifications, unreadNotices } from '../store/notifications.js';
import { inboxPart } from './inbox_part.js';
import { Popover } from './popover.js';

const NoticeList = inboxPart(() => import('./notice_list.js'), 'NoticeList');

export function Bell() {
  const count = unreadNotices.value;
  const label = count ? t('notice.unread', { count }) : t('notice.label');
  return html`<${Popover} label=${label} role="dialog" class="rail-place" boxClass="notice-box" act="bell"
      onOpen=${refreshNotifications} button=${html`<${Icon} name="bell" size=${24}/>${count > 0 &&
        html`<span class="rail-badge" aria-hidden="true">${count > 99 ? '99+' : count}</span>`}`}>
    ${(close) => html`<${NoticeList} close=${close}/>`}<//>`;
}

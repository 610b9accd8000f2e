// What happened to the conversation, in one quiet line.
import { html } from '../../shared/html.js';
import { exactTime, clockTime, has, shortDate, t } from '../../shared/i18n.js';

export function SystemLine({ id, message }) {
  return html`<li class="system" data-key=${id} data-seq=${message.seq}>
    <span>${systemWords(message)} <time datetime=${message.created_at} title=${exactTime(message.created_at)}>
      ${clockTime(message.created_at)}</time></span></li>`;
}

/** The sentence for a system message; names come from its content, and what is missing is left out. */
function systemWords({ content = {}, author_name: author }) {
  const by = content.by_name ?? content.by?.name ?? content.user_name ?? content.actor_name ?? author ?? '';
  const to = content.to_name ?? content.to?.name ?? content.assignee_name ?? content.assignee?.name ?? content.department_name ?? content.department?.name ?? '';
  const tags = (content.tags ?? content.names ?? []).map((tag) => tag.name ?? tag).join(', ');
  const key = `system.${content.event}`;
  if (!has(key)) return t('system.changed');
  if (content.event === 'assigned') return t(by ? (to ? key : 'system.unassigned') : `${key}_alone`, { by, to });
  if (content.event === 'tagged') {
    const removed = (content.removed ?? []).map((tag) => tag.name ?? tag).join(', ');
    return t(tags ? key : removed ? 'system.tags_removed' : 'system.untagged',
      { by: by || t('author.system'), tags: tags || removed });
  }
  if (content.event === 'resumed' && has(`${key}_${content.reason}`)) return t(`${key}_${content.reason}`);
  if (content.event === 'rated') return t(content.comment ? `${key}_said` : key, { score: content.score, comment: content.comment });
  const until = content.until ? shortDate(content.until) : '';
  return t(by && has(`${key}_by`) ? `${key}_by` : key, { by, until });
}

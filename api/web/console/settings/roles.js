// What the roles are, and which of them one may give.
import { t } from '../../shared/i18n.js';

const ALL = ['owner', 'admin', 'manager', 'agent', 'viewer'];

/** Only an owner makes owners. */
export function roleChoices(own) {
  return ALL.filter((role) => role !== 'owner' || own === 'owner').map((role) => [role, t(`role.${role}`)]);
}

export function roleWords(role) { return t(`roles.${role}`); }

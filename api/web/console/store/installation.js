// What this installation offers to people who are not signed in.
import { signal } from '../../vendor/signals.js';
import { get } from '../core/api.js';

/** open | closed | null while it is not known. */
export const registration = signal(null);

/** Asks once; where no answer comes, nothing is offered that may not be there. */
export async function askInstallation() {
  if (registration.peek()) return;
  try {
    registration.value = (await get('/installation', undefined, { anonymous: true })).registration;
  } catch {
    registration.value = null;
  }
}

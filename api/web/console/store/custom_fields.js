// Which facts the organization keeps of contacts and conversations.
import { signal } from '../../vendor/signals.js';
import { get } from '../core/api.js';
import { onLeave } from './session.js';

const FRESH = 5 * 60_000;

/** [{id, entity, key, label, type, choices, position}] in order */
export const customFields = signal([]);

let asked = 0;

/** Fetched when first shown, and again when a few minutes have passed. */
export async function loadCustomFields() {
  if (Date.now() - asked < FRESH) return;
  asked = Date.now();
  try {
    const { results } = await get('/custom-fields', { page_size: 100 });
    customFields.value = results.sort((one, two) => one.position - two.position);
  } catch {
    asked = 0;
  }
}

onLeave(() => { customFields.value = []; asked = 0; });

// Words not yet sent, by conversation and mode; a reply can never turn into a note or the other way round.
import { load, save } from '../core/storage.js';
import { me } from './session.js';

function key(id, mode) { return `draft.${me.peek()?.id}.${id}.${mode}`; }

export function draft(id, mode) { return load(key(id, mode), ''); }
export function keepDraft(id, mode, text) { save(key(id, mode), text || null); }

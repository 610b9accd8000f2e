// Who is writing and who is looking, as long as it is true; and the telling that I am writing.
import { signal } from '../../vendor/signals.js';
import { on, send } from '../core/wire.js';
import { me, onLeave } from './session.js';

const EXPIRES = 6000;
const REPEAT = 4000;

/** conversation id -> [{kind, id, name}] */
export const typing = signal(new Map());
/** conversation id -> [{id, name}] without me */
export const viewers = signal(new Map());

const timers = new Map();
let told = { id: null, at: 0 };
let pause = null;

on('typing', ({ id, who, on: writing }) => {
  if (who.kind === 'agent' && who.id === me.peek()?.id) return;
  const key = `${id}:${who.kind}:${who.id}`;
  clearTimeout(timers.get(key));
  timers.delete(key);
  setWriting(id, who, writing);
  if (writing) timers.set(key, setTimeout(() => setWriting(id, who, false), EXPIRES));
});

on('viewers', ({ id, users }) => {
  viewers.value = withMany(viewers.peek(), id, users.filter((user) => user.id !== me.peek()?.id));
});

/** A message ends the writing of whoever sent it, before the frame that says so. */
on('event', ({ c, e, d }) => {
  if (e !== 'message.received' && e !== 'message.sent') return;
  const kind = e === 'message.received' ? 'customer' : 'agent';
  const left = (typing.peek().get(c) ?? []).filter((who) => who.kind !== kind ||
    (kind === 'agent' && who.id !== d.message.author_id));
  if (left.length !== (typing.peek().get(c) ?? []).length) typing.value = withMany(typing.peek(), c, left);
});

/** A copy with these people there; a conversation with nobody is left out. */
function withMany(known, id, people) {
  const next = new Map(known);
  if (people.length) next.set(id, people); else next.delete(id);
  return next;
}

function setWriting(id, who, writing) {
  const others = (typing.peek().get(id) ?? []).filter((one) => one.id !== who.id || one.kind !== who.kind);
  typing.value = withMany(typing.peek(), id, writing ? [...others, who] : others);
}

/** Called on every key in the reply box; tells at most every four seconds and takes it back after a pause. */
export function iWrite(id) {
  clearTimeout(pause);
  pause = setTimeout(iStopped, REPEAT + 500);
  if (told.id === id && Date.now() - told.at < REPEAT) return;
  if (told.id !== id) iStopped();
  if (send({ t: 'typing', id, on: true })) told = { id, at: Date.now() };
}

export function iStopped() {
  clearTimeout(pause);
  if (told.id) send({ t: 'typing', id: told.id, on: false });
  told = { id: null, at: 0 };
}

on('down', () => { typing.value = new Map(); viewers.value = new Map(); told = { id: null, at: 0 }; });
onLeave(() => { typing.value = new Map(); viewers.value = new Map(); });

// The live socket: one per tab, healed without a word to anyone; what was missed is asked for again by number.
import { batch, signal } from '../../vendor/signals.js';
import { post } from './api.js';
import { heard } from './clock.js';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/** state: idle | connecting | live | waiting | replaced | ended; `at` is when a waiting one tries again (browser ms). */
export const connection = signal({ state: 'idle', at: null, since: Date.now() });

const handlers = new Map();
const topics = new Map();
const incoming = [];
let socket = null;
let timer = null;
let attempt = 0;
let heartbeat = 10;
let lastHeard = 0;
let scheduled = false;
let wanted = false;

/** Calls `handle(frame)` for each frame of type `type`; "live" and "down" tell of the connection itself. */
export function on(type, handle) {
  if (!handlers.has(type)) handlers.set(type, []);
  handlers.get(type).push(handle);
}

export function start() {
  wanted = true;
  connect();
}

export function stop() {
  wanted = false;
  topics.clear();
  clearTimeout(timer);
  socket?.close(1000);
  socket = null;
  attempt = 0;
  become('idle');
}

/** Skips the wait; used by the banner's button and when the browser says it is online again. */
export function retryNow() {
  if (!wanted || connection.value.state === 'live' || connection.value.state === 'connecting') return;
  clearTimeout(timer);
  connect();
}

/** True when the frame left; false when there is no live socket. */
export function send(frame) {
  if (connection.value.state !== 'live') return false;
  socket.send(JSON.stringify(frame));
  return true;
}

/** Holds a subscription over reconnections. `place()` answers {from, epoch} to resume, or {} for a first time. */
export function subscribe(topic, id = null, place = () => ({})) {
  topics.set(`${topic}:${id ?? ''}`, { topic, id, place });
  resubscribe(topic, id);
}

export function unsubscribe(topic, id = null) {
  if (topics.delete(`${topic}:${id ?? ''}`)) send(named('unsubscribe', topic, id));
}

/** Asks again for what follows our place: after a gap, a late beat or a reset. */
export function resubscribe(topic, id = null) {
  const held = topics.get(`${topic}:${id ?? ''}`);
  if (held) send({ ...named('subscribe', topic, id), ...held.place() });
}

function named(t, topic, id) { return id ? { t, topic, id } : { t, topic }; }

async function connect() {
  become('connecting');
  let ticket;
  try {
    ({ ticket } = await post('/live/ticket'));
  } catch (problem) {
    if (wanted && problem.status !== 401) later();
    return;
  }
  if (!wanted) return;
  const opened = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`);
  socket = opened;
  opened.onopen = () => opened.send(JSON.stringify({ t: 'hello', ticket, v: 1 }));
  opened.onmessage = (message) => { if (opened === socket) receive(JSON.parse(message.data)); };
  opened.onclose = (event) => { if (opened === socket) closed(event.code); };
  lastHeard = Date.now();
}

function receive(frame) {
  lastHeard = Date.now();
  if (frame.t === 'welcome') {
    attempt = 0;
    heartbeat = frame.heartbeat ?? 10;
    heard(frame.at);
    become('live');
    for (const { topic, id } of topics.values()) resubscribe(topic, id);
    tell({ ...frame, t: 'live' });
    return;
  }
  if (frame.t === 'beat') {
    heard(frame.at);
    send({ t: 'pong' });
  }
  incoming.push(frame);
  if (scheduled) return;
  scheduled = true;
  // A hidden tab gets no animation frames, and must still keep its title and its read state true.
  if (document.hidden) setTimeout(drain, 50); else requestAnimationFrame(drain);
}

/** Applies everything that came since the last frame in one go, so that a flood costs one render. */
function drain() {
  scheduled = false;
  const frames = incoming.splice(0);
  batch(() => frames.forEach(tell));
}

function tell(frame) {
  for (const handle of handlers.get(frame.t) ?? []) handle(frame);
}

function closed(code) {
  socket = null;
  drain();
  tell({ t: 'down', code });
  if (!wanted) return;
  if (code === 4003) { wanted = false; become('ended'); tell({ t: 'ended' }); return; }
  if (code === 4009) { become('replaced'); return; }
  if (code === 4008 && attempt === 0) { attempt = 1; connect(); return; }
  if (code === 4029) attempt = Math.max(attempt, 4);
  later();
}

/** Exponential back-off with full jitter above the first half second. */
function later() {
  const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
  const wait = FIRST_WAIT + Math.random() * (ceiling - FIRST_WAIT);
  attempt += 1;
  become('waiting', Date.now() + wait);
  clearTimeout(timer);
  timer = setTimeout(connect, wait);
}

function become(state, at = null) {
  const { since, state: before } = connection.value;
  const still = before !== 'live' && state !== 'live';
  connection.value = { state, at, since: still ? since : Date.now() };
}

/** A socket that fell silent is dead even when the browser has not noticed. */
setInterval(() => { if (Date.now() - lastHeard >= heartbeat * 2500) giveUp(); }, 5000);

function giveUp() {
  if (!socket) return;
  const silent = socket;
  closed(1006);
  silent.close();
}

// What the browser calls offline need not be: trying again at once tells.
addEventListener('offline', giveUp);
addEventListener('online', retryNow);
document.addEventListener('visibilitychange', () => {
  if (document.hidden) drain();
  else retryNow();
});

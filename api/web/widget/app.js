/* The widget behind the button: wires session, socket, thread and outbox together and mounts the panel when it is opened. */
import { h, render } from '../vendor/preact.js';
import { computed, effect, signal } from '../vendor/signals.js';
import { colours } from './colour.js';
import { Conversation } from './conversation.js';
import { fileCache } from './files.js';
import { keepFor } from './keep.js';
import { showOnLauncher } from './launcher.js';
import { linkState } from './link.js';
import { Outbox } from './outbox.js';
import { Refused, restFor } from './rest.js';
import { Session } from './session.js';
import { styleSheets } from './styles/sheets.js';
import { choose, speak } from './text.js';
import { Thread } from './thread.js';
import { typingMark } from './typing.js';
import { readingOf } from './unread.js';
import { Uploads } from './uploads.js';
import { Panel } from './view/panel.js';
import { Wire } from './wire.js';

/**
 * Starts the widget in the loader's shadow root. `known` is what the host page told about its visitor, `emit(event, detail)`
 * reaches the host page. Resolves to {open, close, toggle, identify} when the visitor's language is there.
 */
export async function start({ channel, base, language, known, shadow, root, button, theme, emit }) {
  const tongue = choose(language ? [language] : navigator.languages);
  await speak(tongue);
  root.lang = tongue;
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, ...styleSheets()];
  keepKeysHome(root);

  const keep = keepFor(channel);
  const tab = keepFor(channel, 'sessionStorage');
  const company = signal(keep.get('company') ?? { name: '', greeting: '' });
  const agentsOnline = signal(null);
  const unavailable = signal(null);
  const open = signal(false);

  const session = new Session({ rest: null, keep, channel, known });
  const rest = restFor({ base, channel, language: tongue, token: () => session.token });
  session.rest = rest;
  session.onOpen = (answer) => {
    unavailable.value = null;
    company.value = { name: answer.channel.name ?? '', greeting: answer.channel.greeting ?? '' };
    agentsOnline.value = answer.agents_online;
    keep.set('company', company.value);
    paint(theme, keep, answer.channel.color);
    conversation.adopt(answer.conversation_id);
    outbox.flush();
  };
  const call = (act) => session.authorised(act);

  const thread = new Thread();
  const wire = new Wire({
    url: liveUrl(base),
    ticket: () => call(() => rest.ticket()).catch(refuse),
    onState: (state) => (link.became(state), conversation.onState(state)),
    onWelcome: () => (conversation.onWelcome(), reading.sync(), outbox.flush()),
    onFrame(frame) {
      conversation.onFrame(frame);
      if (frame.t === 'subscribed') reading.sync();
      if (frame.t === 'marker' && frame.id === conversation.id.value) reading.reach(frame.seq);
    },
    onEnded: () => session.renew(),
  });
  const link = linkState(wire);
  const conversation = new Conversation({ rest, call, wire, keep, thread, onMessage: announce });
  const outbox = new Outbox({
    channel,
    keep,
    send: (body) => call(() => rest.send(body)),
    confirm: (answer) => conversation.confirm(answer),
  });
  const files = fileCache((id) => call(() => rest.file(id)));
  const uploads = new Uploads({
    upload: (file, progress) => rest.upload(file, progress),
    ensure: () => session.ensure(),
    onReady: (id, file) => files.put(id, file),
  });
  const visible = signal(!document.hidden);
  document.addEventListener('visibilitychange', () => (visible.value = !document.hidden));
  const reading = readingOf({
    keep,
    thread,
    looking: computed(() => open.value && visible.value),
    tell: (seq) => wire.send({ t: 'read', id: conversation.id.value, seq }),
  });
  const typing = typingMark((on) => conversation.id.value && wire.send({ t: 'typing', id: conversation.id.value, on }));
  const heard = signal(null); // the last message of the house, for those who listen instead of look

  const chat = {
    company, agentsOnline, unavailable, open, link, conversation, thread, outbox, uploads, files, reading, typing, heard, keep,
    send(text) {
      typing.stopped();
      outbox.add(text, uploads.take());
    },
    close: () => shut(),
  };

  showOnLauncher({ button, open, unread: reading.count });
  effect(() => emit('unread', reading.count.value));
  if (conversation.id.value || outbox.entries.value.length) begin();
  if (tab.get('open') && !isPhone()) show({ focus: false });

  return { open: show, close: shut, toggle: () => (open.value ? shut() : show()), identify: (who) => session.identify(who) };

  function begin() {
    wire.start();
    session.ensure().catch(refuse);
  }

  function show({ focus = true } = {}) {
    if (open.value) return;
    begin();
    tab.set('open', true);
    open.value = true;
    const mount = root.querySelector('.mount') ?? root.appendChild(Object.assign(document.createElement('div'), { className: 'mount' }));
    render(h(Panel, { chat, button, takeFocus: focus }), mount);
    emit('open');
  }

  function shut() {
    if (!open.value) return;
    tab.remove('open');
    open.value = false;
    typing.stopped();
    button.focus({ preventScroll: true });
    emit('close');
  }

  function announce(message) {
    if (message.kind === 'system') return;
    if (message.author !== 'customer') heard.value = message;
    const { id, author, author_name, kind, text, created_at } = message;
    emit('message', { id, author, author_name, kind, text, created_at });
  }

  /** No from the server to a whole session (unknown channel, forbidden origin) is told; the wire goes on trying. */
  function refuse(error) {
    if (error instanceof Refused && !error.passing) unavailable.value = error.detail || error.code || String(error.status);
    throw error;
  }
}

export function isPhone() {
  return matchMedia('(max-width: 479.98px)').matches;
}

function paint(theme, keep, colour) {
  const found = colours(colour);
  if (!found) return;
  for (const [name, value] of Object.entries(found)) theme.cssRules[0].style.setProperty(name, value);
  keep.set('theme', found);
}

function liveUrl(base) {
  const url = new URL('live', base);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}

/** Keys pressed in the chat are not shortcuts of the host page, which sees them as pressed on no field at all. */
function keepKeysHome(root) {
  for (const kind of ['keydown', 'keyup', 'keypress', 'paste', 'copy', 'cut']) {
    root.addEventListener(kind, (event) => event.stopPropagation());
  }
}

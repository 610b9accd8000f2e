/* The widget behind the button: wires session, socket, thread and outbox together and draws the panel when state changes. */
import { h, render } from '../vendor/preact.js';
import { colours } from './colour.js';
import { Conversation } from './conversation.js';
import { fileCache, Uploads } from './files.js';
import { keepFor } from './keep.js';
import { Outbox } from './outbox.js';
import { Refused, restFor } from './rest.js';
import { Session } from './session.js';
import { readingOf, typingMark } from './signs.js';
import { signal, whenever } from './state.js';
import { LOOK } from './styles.js';
import { choose, speak, t } from './text.js';
import { Thread } from './thread.js';
import { linkState } from './view/head.js';
import { Panel } from './view/panel.js';
import { isPhone } from './view/parts.js';
import { Wire } from './wire.js';

const MOST = 9; // unread messages that the button counts

/** Starts in the loader's shadow root; `known` is what the host page told of its visitor, `emit` reaches the host page. */
export async function start({ channel, base, language, known, shadow, root, button, theme, emit }) {
  const tongue = choose(language ? [language] : navigator.languages);
  await speak(tongue);
  root.lang = tongue;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LOOK);
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  keepKeysHome(root);

  const keep = keepFor(channel);
  const tab = keepFor(channel, 'sessionStorage');
  const company = signal(keep.get('company') ?? { name: '', greeting: '' });
  const agentsOnline = signal(null);
  const unavailable = signal(null);
  const open = signal(false);

  const session = new Session({ keep, channel, known });
  const rest = restFor({ base, channel, language: tongue, token: () => session.token });
  session.rest = rest;
  session.onOpen = (answer) => {
    unavailable.value = null;
    company.value = { name: answer.channel.name ?? '', greeting: answer.channel.greeting ?? '' };
    agentsOnline.value = answer.agents_online;
    keep.set('company', company.value);
    paint(theme, keep, answer.channel.color);
    if (conversation.id.value && answer.conversation_id !== conversation.id.value) reading.forget();
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
  const reading = readingOf({
    keep,
    thread,
    looking: () => open.value && !document.hidden,
    tell: (seq) => wire.send({ t: 'read', id: conversation.id.value, seq }),
  });
  const typing = typingMark((on) => conversation.id.value && wire.send({ t: 'typing', id: conversation.id.value, on }));
  const heard = signal(null);

  const chat = {
    company, agentsOnline, unavailable, open, link, conversation, thread, outbox, uploads, files, reading, typing, heard, keep,
    send(text) {
      typing.stopped();
      const files = uploads.take(); // a message holds one file: the words go with the last
      for (const file of files.slice(0, -1)) outbox.add('', [file]);
      emitMessage({ author: 'customer', kind: 'text', ...outbox.add(text, files.slice(-1)) });
    },
    close: () => shut(),
  };

  document.addEventListener('visibilitychange', reading.look);
  const mount = root.appendChild(Object.assign(document.createElement('div'), { className: 'mount' }));
  let unread = 0;
  let frame = 0;
  let takeFocus = true;
  whenever(() => {
    const count = open.value ? 0 : reading.count();
    showOnButton(button, open.value, count);
    if (count !== unread) emit('unread', (unread = count));
    frame ||= requestAnimationFrame(draw);
  });
  if (conversation.id.value || outbox.entries.value.length) begin();
  if (tab.get('open') && !isPhone()) show({ focus: false });

  return { open: show, close: shut, toggle: () => (open.value ? shut() : show()), identify: (who) => session.identify(who) };

  /** At most once a frame, however much happens in it. */
  function draw() {
    frame = 0;
    render(h(Panel, { chat, takeFocus }), mount);
  }

  function begin() {
    wire.start();
    session.ensure().catch(refuse);
  }

  function show({ focus = true } = {}) {
    if (open.value) return;
    begin();
    tab.set('open', true);
    takeFocus = focus;
    open.value = true;
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
    if (message.kind === 'system' || message.author === 'customer') return; // ours was told when it was written
    heard.value = message;
    emitMessage(message);
  }

  function emitMessage({ author, author_name, kind, text, created_at }) {
    emit('message', { author, author_name, kind, text, created_at });
  }

  /** Unknown channel, forbidden origin: told, and the wire goes on trying. */
  function refuse(error) {
    if (error instanceof Refused && !error.passing) unavailable.value = error.detail || error.code || String(error.status);
    throw error;
  }
}

function showOnButton(button, open, unread) {
  button.querySelector('.badge').textContent = unread > MOST ? `${MOST}+` : unread || '';
  button.setAttribute('aria-expanded', String(open));
  button.setAttribute('aria-label', open ? t('close') : unread ? t('open_unread', { count: unread }) : t('open'));
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

/** The host page would take keys of the chat for its shortcuts: to it they are pressed on no field. */
function keepKeysHome(root) {
  for (const kind of ['keydown', 'keyup', 'keypress', 'paste', 'copy', 'cut']) {
    root.addEventListener(kind, (event) => event.stopPropagation());
  }
}

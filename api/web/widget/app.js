/* The widget behind the button: wires session, socket, thread and outbox together and draws the panel when state changes. */
import { h, render } from '../vendor/preact.js';
import { paint } from './colour.js';
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
const FRESH = 60_000; // ms for which what the session told of hours and agents is taken as so
const LONGEST_WAIT = 86_400_000;
const AFTER = 2_000; // ms past an opening or closing: clocks differ

/** Starts in the loader's shadow root; `known` is what the host page told of its visitor, `emit` reaches the host page. */
export async function start({ channel, base, language, languages, known, shadow, root, button, theme, emit }) {
  const tongue = choose(language ? [language] : navigator.languages, languages);
  await speak(tongue);
  root.lang = tongue;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LOOK);
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  keepKeysHome(root);

  const keep = keepFor(channel);
  const tab = keepFor(channel, 'sessionStorage');
  const company = signal(keep.get('company') ?? { name: '', greeting: '' });
  const settings = signal(keep.get('settings')); // what the company chose, as the session told it last
  const visitor = signal(null);
  const opening = signal(null);
  const transcripts = signal(false);
  const consent = signal(keep.get('consent'));
  const asked = signal(keep.get('asked'));
  const owed = signal(null); // what the server said when it wanted answers before the first message
  const rated = signal(keep.get('rated')); // the number of the end that needs no rating any more
  const agentsOnline = signal(null);
  const unavailable = signal(null);
  const open = signal(false);

  const session = new Session({ keep, channel, known });
  const rest = restFor({ base, channel, language: tongue, token: () => session.token });
  session.rest = rest;
  session.onDoubted = ({ code, detail }) => {
    console.warn('Switchboard: the identity token was refused.');
    emit('error', { code, detail });
  };
  session.onOpen = (answer, isStranger) => {
    if (isStranger) forget();
    unavailable.value = null;
    learn(answer);
    const { name = '', greeting = '', logo_url: logo } = answer.channel;
    company.value = { name, greeting, logo: logo && new URL(logo, base).href };
    agentsOnline.value = answer.agents_online;
    keep.set('company', company.value);
    keep.set('theme', paint(theme, answer.channel.color));
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
    onWelcome: () => (conversation.onWelcome(), reading.sync(), outbox.flush(), sharePage()),
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
    onOwed(detail) {
      owed.value = detail;
      session.renew().catch(() => undefined); // what is asked may have changed
    },
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
    settings, visitor, opening, consent, owed, asking, unrated,
    send(text) {
      typing.stopped();
      const files = uploads.take(); // a message holds one file: the words go with the last
      for (const file of files.slice(0, -1)) outbox.add('', [file]);
      emitMessage({ author: 'customer', kind: 'text', ...outbox.add(text, files.slice(-1)) });
    },
    close: () => shut(),
    canMail: () => transcripts.value && Boolean(conversation.id.value),
    mail: (email) => call(() => rest.transcript(email)),
    async answer(said) {
      await session.identify(said);
      await session.ensure();
      chat.skip();
    },
    skip() {
      keep.set('asked', (asked.value = true));
      owed.value = null;
      outbox.release();
    },
    async rate(rating) {
      const { message } = await call(() => rest.rate(rating));
      conversation.confirm({ message, conversation_id: conversation.id.value });
      emit('rated', { score: rating.score });
    },
    unrate: () => keep.set('rated', (rated.value = unrated())),
    agree(yes) {
      if (consent.value && !yes) wire.send({ t: 'page', url: null });
      keep.set('consent', (consent.value = yes));
      sharePage();
    },
  };

  document.addEventListener('visibilitychange', reading.look);
  const mount = root.appendChild(Object.assign(document.createElement('div'), { className: 'mount' }));
  let unread = 0;
  let frame = 0;
  let answeredAt = 0;
  let turns = 0;
  let sign = null;
  let takeFocus = true;
  whenever(() => {
    const count = open.value ? 0 : reading.count();
    showOnButton(button, open.value, count);
    if (count !== unread) emit('unread', (unread = count));
    frame ||= requestAnimationFrame(draw);
  });
  if (conversation.id.value || outbox.entries.value.length) begin();
  if (tab.get('open') && !isPhone()) show({ focus: false });

  return { open: show, close: shut, toggle: () => (open.value ? shut() : show()), identify };

  /** At most once a frame, however much happens in it. */
  function draw() {
    frame = 0;
    render(h(Panel, { chat, takeFocus }), mount);
  }

  function begin() {
    wire.start();
    session.ensure().catch(refuse).catch(() => undefined); // told in the panel
  }

  function show({ focus = true } = {}) {
    if (open.value) return;
    begin();
    if (answeredAt && Date.now() - answeredAt > FRESH) session.renew().catch(() => undefined);
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

  /** What the session tells beside the conversation; asked again when the house opens or closes. */
  function learn({ channel: told, visitor: who, opening: hours, transcripts: mails }) {
    const { pre_chat, reply_time, share_page, launcher } = told;
    keep.set('settings', (settings.value = { pre_chat, reply_time, share_page, launcher }));
    visitor.value = who;
    opening.value = hours;
    transcripts.value = mails;
    answeredAt = Date.now();
    clearTimeout(turns);
    const wait = Date.parse(hours?.closes_at ?? hours?.opens_at) - answeredAt + AFTER;
    if (wait > 0 && wait < LONGEST_WAIT) turns = setTimeout(() => session.renew().catch(() => undefined), wait);
  }

  /** Whether the visitor has to be asked who they are: true, false, or null while that is not known. */
  function asking() {
    const wanted = settings.value?.pre_chat;
    if (owed.value) return Boolean(wanted?.ask_name || wanted?.ask_email);
    if (asked.value || conversation.id.value || outbox.entries.value.length) return false;
    if (wanted && !wanted.ask_name && !wanted.ask_email) return false;
    if (!visitor.value) return link.notice.value || unavailable.value ? false : null;
    const { name, email, verified } = visitor.value;
    return !verified && Boolean((wanted.ask_name && !name) || (wanted.ask_email && !email));
  }

  /** The number of the end of a conversation that may be rated, or null. */
  function unrated() {
    const messages = thread.messages.value;
    const last = messages.findLast((it) => it.kind === 'system');
    const served = messages.some((it) => ['agent', 'bot'].includes(it.author));
    const due = last?.content.event === 'closed' && served && !outbox.entries.value.length;
    return due && last.seq !== rated.value ? last.seq : null;
  }

  function maySharePage() {
    const mode = settings.value?.share_page;
    return mode === 'always' || (mode === 'ask' && consent.value === true);
  }

  function sharePage() {
    if (!maySharePage()) return;
    sign ??= import('./page.js').then(({ pageSign }) => pageSign((page) => maySharePage() && wire.send({ t: 'page', ...page })));
    sign.then((it) => it.again(), () => (sign = null));
  }

  function identify(who) {
    if (who === null) forget();
    return session.identify(who).catch(refuse).catch(() => undefined);
  }

  /** Somebody else is at this browser now: nothing of the one before stays. */
  function forget() {
    conversation.adopt(null);
    outbox.clear();
    reading.forget();
    for (const name of ['draft', 'asked', 'rated', 'consent']) keep.remove(name);
    asked.value = owed.value = rated.value = consent.value = visitor.value = null;
    outbox.release();
    if (!wire.wanted) return;
    wire.stop();
    wire.start();
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
  const words = open ? t('close') : unread ? t('open_unread', { count: unread }) : t('open');
  const label = button.querySelector('.label').textContent;
  button.setAttribute('aria-label', label ? `${label}: ${words}` : words);
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

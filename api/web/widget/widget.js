/* The loader: puts the chat button on the host page and fetches the rest of the widget only when it is wanted. */
(() => {
  const script = document.currentScript ?? document.querySelector('script[data-channel][src*="widget.js"]');
  const channel = script?.dataset.channel;
  if (!channel || window.Switchboard) return;

  const BLUE = `.root { --accent: #2456e6; --on-accent: #fff; --accent-ink: #1d47c0;
    --dark-accent: #2456e6; --dark-on-accent: #fff; --dark-accent-ink: #8fabff; }`; // until the company's colour is known
  const BUBBLE = 'M4 5.5h16v11h-9l-4.5 3.5v-3.5H4z';
  const ARROW = 'M6 9.5l6 6 6-6';
  // Inside a shadow root "!important" outranks the host page's own: nothing leaks in through the host element.
  const LOOK = `
:host { all: initial !important; display: block !important; position: fixed !important; inset: auto 0 0 auto !important;
  overflow: visible !important; z-index: 2147483647 !important; }
:host::before, :host::after { display: none !important; }
@media print { :host { display: none !important; } }
.launcher { all: unset; box-sizing: border-box; position: fixed; right: 20px; bottom: 20px; min-width: 56px; height: 56px;
  border-radius: 28px; background: var(--accent); color: var(--on-accent); cursor: pointer; display: grid;
  grid-template-columns: 54px auto; align-items: center; justify-items: center; border: 1px solid #ffffff47; box-shadow: 0 1px 3px #0003, 0 6px 20px #0004;
  transition: transform 150ms ease-out; -webkit-tap-highlight-color: transparent; }
.launcher[hidden] { display: none; }
[data-side="left"] .launcher { right: auto; left: 20px; }
.launcher:hover { transform: scale(1.05); }
.launcher:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
.launcher svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round;
  stroke-linecap: round; grid-area: 1 / 1; transition: opacity 150ms; }
.launcher .less, .launcher[aria-expanded="true"] .chat { opacity: 0; }
.launcher[aria-expanded="true"] .less { opacity: 1; }
.launcher[aria-busy] svg { animation: breathe 900ms ease-in-out infinite alternate; }
.label { max-width: calc(100vw - 110px); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font: 600 15px/20px system-ui, sans-serif; }
.label:not(:empty) { padding-right: 20px; }
.badge { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; display: none;
  box-sizing: border-box; border-radius: 11px; background: #b3261e; color: #fff; border: 2px solid #fff;
  font: 600 12px/18px system-ui, sans-serif; text-align: center; font-variant-numeric: tabular-nums; }
.badge:not(:empty), .failed .badge { display: block; }
.failed .badge:empty::before { content: "!"; }
@keyframes breathe { to { opacity: 0.35; } }
@media (prefers-reduced-motion: reduce) { .launcher, .launcher svg { transition: none; animation: none; } }
@media (forced-colors: active) { .launcher { border: 2px solid ButtonText; } }
`;

  const home = new URL('web/widget/', script.src); // the server puts the version in here
  const api = new URL('api/v1/', script.src).href;
  const PATIENCE = 1_500; // ms that the button waits to know how it looks
  const OWN = ['visitor', 'thread', 'outbox', 'seen', 'draft', 'asked', 'rated'];

  const listeners = {};
  const known = {}; // what the host page said of its visitor before the widget was there
  let loading = null;
  let app = null;

  window.Switchboard = Object.freeze({
    open: () => load().then((it) => it.open()).catch(() => undefined),
    close: () => app?.close(),
    identify(who) {
      if (app) return app.identify(who);
      if (who === null) forget();
      Object.assign(known, who ?? { name: null, email: null, token: null });
      return Promise.resolve();
    },
    on(event, fn) {
      (listeners[event] ??= new Set()).add(fn);
      return () => listeners[event].delete(fn);
    },
  });

  function emit(event, detail) {
    for (const fn of listeners[event] ?? []) {
      try {
        fn(detail);
      } catch (error) {
        console.error(error); // the host page's fault is not ours
      }
    }
  }

  const { host, shadow, root, button, theme } = build();
  button.addEventListener('click', () => (app ? app.toggle() : window.Switchboard.open()));
  // Pointing at the button says "soon": the modules travel while the visitor decides.
  for (const hint of ['pointerenter', 'focus', 'touchstart']) {
    button.addEventListener(hint, () => fetchModules().catch(() => undefined), { once: true, passive: true });
  }
  whenBodyExists(() => {
    learnLook();
    document.documentElement.append(host); // beside body, which some pages replace
    host.showPopover?.(); // to the top layer, where no transform or stacking of the page reaches
    if (stored('localStorage', 'thread') || stored('localStorage', 'outbox') || stored('sessionStorage', 'open')) {
      load().catch(() => undefined);
    }
  });

  function fetchModules() {
    return import(new URL('app.js', home).href);
  }

  function load() {
    loading ??= begin().catch((error) => {
      loading = null;
      button.classList.add('failed');
      console.warn('Switchboard: the chat could not be loaded.', error);
      throw error;
    });
    return loading;
  }

  async function begin() {
    button.classList.remove('failed');
    button.setAttribute('aria-busy', 'true');
    try {
      const { start } = await fetchModules();
      const { languages } = stored('localStorage', 'look') ?? {};
      const { language } = script.dataset;
      app = await start({ channel, base: api, language, languages, known, shadow, root, button, theme, emit });
      return app;
    } finally {
      button.removeAttribute('aria-busy');
    }
  }

  function build() {
    const host = document.createElement('switchboard-chat');
    host.popover = 'manual';
    const shadow = host.attachShadow({ mode: 'closed' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LOOK);
    const theme = new CSSStyleSheet();
    theme.insertRule(BLUE);
    const colours = stored('localStorage', 'theme') ?? {};
    for (const [name, value] of Object.entries(colours)) theme.cssRules[0].style.setProperty(name, value);
    shadow.adoptedStyleSheets = [sheet, theme];
    const root = element('div', 'root');
    root.dataset.side = 'right';
    const button = element('button', 'launcher');
    button.type = 'button';
    button.append(icon('chat', BUBBLE), icon('less', ARROW), element('span', 'label'), element('span', 'badge'));
    root.append(button);
    shadow.append(root);
    return { host, shadow, root, button, theme };
  }

  /** Side, words and colour of the button: as they were, or when they come, or after a while without. */
  async function learnLook() {
    const kept = stored('localStorage', 'look');
    wear(kept ?? {});
    button.hidden = !kept;
    const shown = setTimeout(() => (button.hidden = false), PATIENCE);
    try {
      const answer = await fetch(new URL(`widget/${encodeURIComponent(channel)}/look`, api), { credentials: 'omit' });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const look = await answer.json();
      keep('look', look);
      wear(look);
      const { paint } = await import(new URL('colour.js', home).href);
      keep('theme', paint(theme, look.color));
    } catch (error) {
      console.warn('Switchboard: the look of the chat could not be read.', error);
    } finally {
      clearTimeout(shown);
      button.hidden = false;
    }
  }

  function wear({ launcher = {} }) {
    root.dataset.side = launcher.position ?? 'right';
    button.querySelector('.label').textContent = launcher.label ?? '';
    if (!app) button.setAttribute('aria-label', launcher.label || 'Chat'); // the same word in all our languages
  }

  /** Whoever was here is gone: nothing of theirs stays on the device. */
  function forget() {
    for (const name of OWN) keep(name, null);
  }

  function element(name, className) {
    const node = document.createElement(name);
    node.className = className;
    return node;
  }

  function icon(className, d) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const attributes = { class: className, viewBox: '0 0 24 24', 'aria-hidden': 'true' };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', d);
    svg.append(path);
    return svg;
  }

  function whenBodyExists(then) {
    if (document.body) then();
    else document.addEventListener('DOMContentLoaded', then, { once: true });
  }

  /** What an earlier page kept, or null; null also where storage is refused. */
  function stored(area, name) {
    try {
      const value = JSON.parse(window[area].getItem(`switchboard.${channel}.${name}`));
      return Array.isArray(value) && !value.length ? null : value;
    } catch {
      return null;
    }
  }

  function keep(name, value) {
    try {
      if (value == null) localStorage.removeItem(`switchboard.${channel}.${name}`);
      else localStorage.setItem(`switchboard.${channel}.${name}`, JSON.stringify(value));
    } catch {
      // refused or full: it is asked for again on the next page
    }
  }
})();

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
.launcher { all: unset; box-sizing: border-box; position: fixed; right: 20px; bottom: 20px; width: 56px; height: 56px;
  border-radius: 50%; background: var(--accent); color: var(--on-accent); cursor: pointer; display: grid;
  place-items: center; border: 1px solid #ffffff47; box-shadow: 0 1px 3px #0003, 0 6px 20px #0004;
  transition: transform 150ms ease-out; -webkit-tap-highlight-color: transparent; }
.launcher:hover { transform: scale(1.05); }
.launcher:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
.launcher svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round;
  stroke-linecap: round; grid-area: 1 / 1; transition: opacity 150ms; }
.launcher .less, .launcher[aria-expanded="true"] .chat { opacity: 0; }
.launcher[aria-expanded="true"] .less { opacity: 1; }
.launcher[aria-busy] svg { animation: breathe 900ms ease-in-out infinite alternate; }
.badge { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; display: none;
  box-sizing: border-box; border-radius: 11px; background: #b3261e; color: #fff; border: 2px solid #fff;
  font: 600 12px/18px system-ui, sans-serif; text-align: center; font-variant-numeric: tabular-nums; }
.badge:not(:empty), .failed .badge { display: block; }
.failed .badge:empty::before { content: "!"; }
@keyframes breathe { to { opacity: 0.35; } }
@media (prefers-reduced-motion: reduce) { .launcher, .launcher svg { transition: none; animation: none; } }
@media (forced-colors: active) { .launcher { border: 2px solid ButtonText; } }
`;

  const listeners = {};
  const known = {}; // what the host page said of its visitor before the widget was there
  let loading = null;
  let app = null;

  window.Switchboard = Object.freeze({
    open: () => load().then((it) => it.open()).catch(() => undefined),
    close: () => app?.close(),
    identify(who) {
      Object.assign(known, who);
      app?.identify(who);
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
    document.documentElement.append(host); // beside body, which some pages replace
    host.showPopover?.(); // to the top layer, where no transform or stacking of the page reaches
    if (stored('localStorage', 'thread') || stored('localStorage', 'outbox') || stored('sessionStorage', 'open')) {
      load().catch(() => undefined);
    }
  });

  function fetchModules() {
    return import(new URL('web/widget/app.js', script.src).href);
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
      const base = new URL('api/v1/', script.src).href;
      app = await start({ channel, base, language: script.dataset.language, known, shadow, root, button, theme, emit });
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
    const button = element('button', 'launcher');
    button.type = 'button';
    button.setAttribute('aria-label', 'Chat'); // the same word in all our languages
    button.append(icon('chat', BUBBLE), icon('less', ARROW), element('span', 'badge'));
    root.append(button);
    shadow.append(root);
    return { host, shadow, root, button, theme };
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
})();

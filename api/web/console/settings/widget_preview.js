// The chat as visitors see it, drawn with the widget's own styles and colours while its settings are typed.
import { render } from '../../vendor/preact.js';
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { colours } from '../../widget/colour.js';
import { LOOK } from '../../widget/styles.js';

const FRAME = `
.root, .mount { position: static; width: auto; height: auto; }
.stage { display: flex; flex-direction: column; align-items: flex-end; gap: 16px; }
.stage.left { align-items: flex-start; }
.stage .panel { position: relative; inset: auto; width: 100%; height: 420px; padding: 0; border: 1px solid var(--line); border-radius: 12px;
  animation: none; }
.stage .thread { overflow: hidden; }
.bubble-button { display: inline-flex; align-items: center; gap: 8px; min-width: 56px; min-height: 56px; padding: 0 15px;
  border-radius: 28px; background: var(--accent); color: var(--on-accent); box-shadow: 0 1px 3px #0003, 0 6px 20px #0004; font-weight: 600; }
.bubble-button .icon { width: 26px; height: 26px; }
.mark { position: relative; overflow: hidden; }
.write { flex: 1; padding: 7px 11px; border: 1px solid var(--edge); border-radius: 10px; color: var(--quiet); }
.form > p { font-weight: 600; }
`;
const PATHS = { chat: 'M4 5.5h16v11h-9l-4.5 3.5v-3.5H4z', send: 'M4 12l16-7-5 15-3.5-6.5z M11.5 13.5L20 5' };

/** `channel`: {name, color, greeting, logo_url?, launcher?, pre_chat?, reply_time?}. */
export function WidgetPreview({ channel }) {
  const host = useRef(null);
  const [drawn, setDrawn] = useState(null);
  useEffect(() => {
    const shadow = host.current.attachShadow({ mode: 'open' });
    const look = new CSSStyleSheet();
    look.replaceSync(LOOK + FRAME);
    const theme = new CSSStyleSheet();
    theme.insertRule('.root {}');
    shadow.adoptedStyleSheets = [look, theme];
    const root = shadow.appendChild(Object.assign(document.createElement('div'), { className: 'root', inert: true }));
    setDrawn({ root, theme: theme.cssRules[0].style });
  }, []);
  useEffect(() => {
    if (!drawn) return;
    for (const [name, value] of Object.entries(colours(channel.color) ?? {})) drawn.theme.setProperty(name, value);
    render(html`<div class="mount"><${Chat} channel=${channel}/></div>`, drawn.root);
  });
  useEffect(() => () => { if (drawn) render(null, drawn.root); }, [drawn]);
  return html`<figure class="widget-preview"><figcaption class="hint">${t('preview.title')}</figcaption>
    <div ref=${host} role="img" aria-label=${t('preview.label', { name: channel.name })}></div></figure>`;
}

function Chat({ channel }) {
  const { name, greeting, logo_url: logo, launcher, pre_chat: asks, reply_time: reply } = channel;
  const letter = [...(name.trim() || '?')][0].toLocaleUpperCase();
  return html`<div class=${`stage ${launcher?.position ?? 'right'}`}><div class="panel">
      <header><span class="mark">${letter}${logo && html`<img src=${logo} alt=""/>`}</span>
        <div class="who"><h2>${name.trim() || '…'}</h2><p><span class=${`lamp ${reply ? '' : 'on'}`}></span><span>${t(reply ? `webchat.reply_${reply}` : 'preview.online')}</span></p></div></header>
      <div class="thread-frame"><div class="thread"><ol>${greeting && html`<li class="message theirs first last">
        <span class="author">${name}</span><div class="bubble"><p dir="auto">${greeting}</p></div></li>`}</ol></div></div>
      ${asks?.ask_name || asks?.ask_email ? html`<div class="form"><p>${t('preview.before')}</p>
          ${asks.ask_name && html`<${Asked} label=${t('preview.name')} required=${asks.required}/>`}
          ${asks.ask_email && html`<${Asked} label=${t('preview.email')} required=${asks.required}/>`}
          <div class="acts">${!asks.required && html`<span class="link">${t('preview.skip')}</span>`}
            <button type="button" class="main">${t('preview.start')}</button></div></div>`
        : html`<div class="composer"><div class="line"><span class="write">${t('preview.write')}</span>
          <span class="send"><${Mark} name="send"/></span></div></div>`}</div>
    <span class="bubble-button"><${Mark} name="chat"/>${launcher?.label ? html`<span>${launcher.label}</span>` : ''}</span></div>`;
}

function Asked({ label, required }) {
  return html`<label class="field"><span>${label}${!required && html` <small>${t('preview.optional')}</small>`}</span><input/></label>`;
}

function Mark({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]}></path></svg>`;
}

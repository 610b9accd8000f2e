/* How the widget looks: colours and type, the small controls, the panel, the thread, the composer; light and dark. */
// In px: the host page's root font size is not ours. Variables on .root: on :host the host page could set them.
export const LOOK = `
.root {
  color-scheme: light;
  --ground: #ffffff; --raised: #eef0f3; --line: #e1e5ea; --edge: #828b99;
  --ink: #141922; --quiet: #5a6372; --bad: #b92525; --bad-soft: #fde7e7; --wait: #7a4f00; --wait-soft: #fcf0d4;
  --good: #17753f; --good-soft: #e2f4e9; --quick: 120ms;
  --shadow: 0 1px 2px #14192214, 0 12px 40px #14192238;
  position: fixed; right: 0; bottom: 0; width: 0; height: 0;
  color: var(--ink); text-align: start; font: 14px/20px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  text-size-adjust: 100%;
}
@media (prefers-color-scheme: dark) {
  .root {
    color-scheme: dark;
    --ground: #13161b; --raised: #262c36; --line: #2c323d; --edge: #737e8e;
    --ink: #f1f4f8; --quiet: #a1abba; --bad: #ff8f8f; --bad-soft: #421d20; --wait: #e8b753; --wait-soft: #38290c;
    --good: #62d492; --good-soft: #173324;
    --accent: var(--dark-accent); --on-accent: var(--dark-on-accent); --accent-ink: var(--dark-accent-ink);
    --shadow: 0 1px 2px #0006, 0 12px 40px #0009;
  }
}
.mount *, .mount *::before, .mount *::after { box-sizing: border-box; }
:where(.mount) :where(button, input, textarea) { font: inherit; color: inherit; margin: 0; padding: 0; border: 0; background: none; }
:where(.mount) :where(p, ol, ul, h2, blockquote, form) { margin: 0; padding: 0; list-style: none; }
:where(.mount button) { cursor: pointer; -webkit-tap-highlight-color: transparent; }
:where(.mount a) { color: inherit; text-underline-offset: 2px; }
:where(.mount) :focus-visible { outline: 2px solid var(--accent-ink); outline-offset: 2px; }
.icon { width: 20px; height: 20px; flex: none; display: block; fill: none; stroke: currentColor; stroke-width: 1.8;
  stroke-linecap: round; stroke-linejoin: round; }
.tool { width: 36px; height: 36px; display: grid; place-items: center; border-radius: 8px; flex: none; color: var(--quiet);
  transition: background var(--quick); }
.tool:hover { background: var(--raised); }
.tool.small { width: 28px; height: 28px; }
.tool.small .icon { width: 16px; height: 16px; }
.link { text-decoration: underline; text-underline-offset: 2px; font-weight: 600; padding: 4px 2px; }
.listened { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) {
  .root { --quick: 0ms; }
  .mount *, .mount *::before, .mount *::after { animation: none !important; transition: none !important; }
}
.panel { position: fixed; right: 20px; bottom: 92px; width: 384px; height: min(640px, calc(100dvh - 112px)); display: flex;
  flex-direction: column; overflow: hidden; background: var(--ground); color: var(--ink); border: 1px solid var(--line);
  border-radius: 12px; box-shadow: var(--shadow); animation: rise 150ms ease-out; }
.panel:focus { outline: none; }
@keyframes rise { from { opacity: 0; transform: translateY(8px); } }
header { display: flex; align-items: center; gap: 12px; padding: 14px 12px 14px 16px; background: var(--accent);
  color: var(--on-accent); flex: none; }
.mark { width: 36px; height: 36px; border-radius: 50%; display: grid; place-items: center; flex: none; font-weight: 600;
  font-size: 16px; background: var(--on-accent); color: var(--accent); position: relative; overflow: hidden; }
.mark img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; background: #fff; }
.who { flex: 1; min-width: 0; }
.who h2 { font-size: 16px; line-height: 20px; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.who p { font-size: 12px; line-height: 16px; min-height: 16px; display: flex; align-items: baseline; gap: 6px; }
.lamp { width: 8px; height: 8px; border-radius: 50%; border: 1.5px solid currentColor; flex: none; }
.lamp.on { background: currentColor; }
header .tool { color: var(--on-accent); }
header .tool:hover { background: color-mix(in srgb, var(--on-accent) 14%, transparent); }
header :focus-visible { outline-color: var(--on-accent); outline-offset: -2px; }
.notice { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; column-gap: 8px; padding: 6px 16px; min-height: 32px;
  text-align: center; font-size: 12px; line-height: 16px; background: var(--wait-soft); color: var(--wait); }
.notice.unavailable { background: var(--bad-soft); color: var(--bad); }
.notice.healed { background: var(--good-soft); color: var(--good); }
.notice.ask { background: var(--raised); color: var(--ink); }
.ask .link { padding: 4px 10px; }
.sheet { position: relative; flex: none; border-bottom: 1px solid var(--line); padding: 4px 0 12px; max-height: 60%; overflow-y: auto; }
.sheet .away { position: absolute; top: 10px; right: 10px; }
.form { display: flex; flex-direction: column; gap: 10px; padding: 12px 16px; flex: none; overflow-y: auto; max-height: 70%; }
.thread-frame + .form { border-top: 1px solid var(--line); }
.sheet .form { max-height: none; overflow: visible; }
.sheet .form > p { padding-right: 32px; font-weight: 600; }
.card { margin: 14px 0 4px; border: 1px solid var(--line); border-radius: 12px; max-height: none; }
.field { display: flex; flex-direction: column; gap: 4px; font-weight: 600; }
.field small { font-size: 12px; font-weight: 400; color: var(--quiet); }
.field input, .field textarea { font-weight: 400; padding: 7px 11px; border: 1px solid var(--edge); border-radius: 10px; width: 100%; resize: vertical; }
.field input:focus, .field textarea:focus { outline: 2px solid var(--accent-ink); outline-offset: -1px; }
.field [aria-invalid] { border-color: var(--bad); }
.wrong { font-weight: 400; color: var(--bad); }
.right { color: var(--good); }
.acts { display: flex; justify-content: flex-end; align-items: center; gap: 12px; }
.main { min-height: 36px; padding: 6px 16px; border-radius: 10px; font-weight: 600; background: var(--accent); color: var(--on-accent); }
.check { display: flex; gap: 10px; align-items: flex-start; padding: 8px 44px 0 16px; }
.check input { width: 18px; height: 18px; margin: 1px 0; accent-color: var(--accent-ink); flex: none; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { padding: 0; font-weight: 600; }
.scores { display: flex; margin: 4px -6px 0; }
.scores label { position: relative; width: 44px; height: 44px; display: grid; place-items: center; border-radius: 10px; color: var(--edge); cursor: pointer; }
.scores .on { color: var(--accent-ink); }
.scores .on .icon { fill: currentColor; }
.scores input { position: absolute; inset: 0; margin: 0; opacity: 0; width: 100%; height: 100%; cursor: pointer; }
.scores label:focus-within { outline: 2px solid var(--accent-ink); outline-offset: -3px; }
.scores .icon { width: 28px; height: 28px; }
.form [role]:empty { position: absolute; }
.notice, .check span { text-wrap: balance; }
.said { min-height: 20px; color: var(--quiet); }
.composer.unknown { height: 53px; }
[data-side="left"] .panel { right: auto; left: 20px; }
.drop { position: absolute; inset: 8px; display: grid; place-items: center; border: 2px dashed var(--accent-ink);
  border-radius: 8px; background: var(--ground); opacity: 0.94; font-weight: 600; pointer-events: none; }
.lightbox { border: 0; padding: 0; background: none; max-width: 94vw; max-height: 92vh; }
.lightbox::backdrop { background: #000c; }
.lightbox img { display: block; max-width: 94vw; max-height: 92vh; object-fit: contain; }
.lightbox-tools { position: fixed; top: 12px; right: 12px; display: flex; gap: 8px; }
.lightbox-tools .tool { background: #000c; color: #fff; border: 1px solid #fff6; }
@media (max-width: 479.98px) {
  .root .panel { inset: var(--seen-top, 0) 0 auto 0; width: auto; height: var(--seen-height, 100dvh); border: 0; border-radius: 0;
    padding: env(safe-area-inset-top) 0 env(safe-area-inset-bottom); }
  .launcher[aria-expanded="true"] { visibility: hidden; }
  .tool { width: 44px; height: 44px; }
}
@media (max-height: 480px) and (min-width: 480px) {
  .panel { bottom: 8px; right: 84px; height: calc(100dvh - 16px); }
}
.thread-frame { flex: 1; min-height: 0; position: relative; display: flex; }
.thread { flex: 1; overflow: hidden auto; overscroll-behavior: contain; overflow-anchor: none;
  padding: 0 16px 12px; }
.thread:focus-visible { outline-offset: -3px; }
.thread ol { display: flex; flex-direction: column; }
.day, .system { align-self: center; margin: 16px 0 4px; font-size: 12px; line-height: 16px; color: var(--quiet); text-align: center; }
.system { margin: 14px 16px 2px; }
.message { display: flex; flex-direction: column; max-width: 84%; align-items: flex-start; margin-top: 3px; }
.message.first { margin-top: 14px; }
.message.own { align-self: flex-end; align-items: flex-end; }
.author { font-size: 12px; line-height: 16px; color: var(--quiet); margin: 0 12px 3px; }
.bubble { padding: 8px 12px; border-radius: 14px; background: var(--raised); max-width: 100%; overflow-wrap: anywhere; }
.own .bubble { background: var(--accent); color: var(--on-accent); }
.theirs.last .bubble { border-bottom-left-radius: 4px; }
.own.last .bubble { border-bottom-right-radius: 4px; }
.refused .bubble { background: var(--ground); color: var(--ink); box-shadow: inset 0 0 0 1.5px var(--bad); }
.bubble p { white-space: pre-wrap; }
.bubble > * + * { margin-top: 8px; }
.bubble blockquote { border-inline-start: 3px solid currentColor; padding: 1px 0 1px 8px; font-size: 12px; line-height: 16px; max-height: 50px; overflow: hidden; }
.own .bubble :focus-visible { outline-color: var(--on-accent); }
.deleted { font-style: italic; }
.reactions { margin: -4px 8px 0; padding: 0 6px; border-radius: 10px; background: var(--ground); border: 1px solid var(--line); font-size: 13px; line-height: 18px; }
.meta { display: flex; align-items: center; gap: 4px; margin: 3px 4px 0; font-size: 12px; line-height: 16px; color: var(--quiet);
  font-variant-numeric: tabular-nums; }
.theirs .meta { margin-inline-start: 12px; }
.meta.bad { color: var(--bad); flex-wrap: wrap; justify-content: flex-end; }
.meta .icon { width: 16px; height: 16px; }
.tick.read { color: var(--accent-ink); }
.picture { display: block; max-width: 100%; border-radius: 8px; overflow: hidden; background: var(--line); }
.picture img { display: block; max-width: 100%; height: auto; max-height: 260px; object-fit: cover; }
.picture.unmeasured { width: 200px; height: 150px; }
.player { display: block; width: 240px; max-width: 100%; border-radius: 8px; }
audio.player, .player.empty { height: 44px; }
.file { display: flex; align-items: center; gap: 8px; min-width: 180px; width: 100%; padding: 2px 0; text-align: start; }
.file-name { flex: 1; min-width: 0; display: flex; flex-direction: column; }
.file-name > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.file-name small { font-size: 12px; line-height: 16px; }
.typing .bubble { display: flex; gap: 4px; padding: 13px 14px; }
.typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--quiet); animation: hop 1.2s infinite ease-in-out; }
.typing i:nth-child(2) { animation-delay: 150ms; }
.typing i:nth-child(3) { animation-delay: 300ms; }
.bubble > i + i { margin: 0; }
@keyframes hop { 0%, 60%, 100% { transform: none; opacity: 0.5; } 30% { transform: translateY(-3px); opacity: 1; } }
.earlier { padding: 4px 0 0; text-align: center; font-size: 12px; line-height: 16px; color: var(--quiet); }
.earlier.still { visibility: hidden; }
.slow { animation: appear 1ms 150ms both; }
@keyframes appear { from { visibility: hidden; } }
.skeleton { display: flex; flex-direction: column; gap: 12px; padding-top: 24px; }
.skeleton i { height: 36px; width: 60%; border-radius: 14px; background: var(--raised); }
.skeleton .right { align-self: flex-end; width: 45%; }
.to-end { position: absolute; right: 14px; bottom: 10px; width: 36px; height: 36px; display: grid; place-items: center;
  border-radius: 50%; background: var(--ground); border: 1px solid var(--edge); box-shadow: var(--shadow); }
@media (forced-colors: active) { .bubble { border: 1px solid CanvasText; } }
.composer { flex: none; border-top: 1px solid var(--line); padding: 8px; background: var(--ground); }
.line { display: flex; align-items: flex-end; gap: 4px; }
.grow { flex: 1; min-width: 0; display: grid; max-height: 140px; overflow: hidden auto; border-radius: 10px;
  border: 1px solid var(--edge); }
.grow:focus-within { outline: 2px solid var(--accent-ink); outline-offset: -1px; border-color: transparent; }
.grow::after { content: attr(data-text); visibility: hidden; white-space: pre-wrap; overflow-wrap: anywhere; }
.grow::after, .grow textarea { grid-area: 1 / 1; min-width: 0; padding: 7px 11px; font: inherit; }
.grow textarea { resize: none; outline: none; overflow: hidden; width: 100%; overflow-wrap: anywhere; }
.grow textarea::placeholder { color: var(--quiet); opacity: 1; }
.send { width: 36px; height: 36px; display: grid; place-items: center; flex: none; border-radius: 10px;
  background: var(--accent); color: var(--on-accent); }
.send[aria-disabled="true"] { background: var(--raised); color: var(--quiet); cursor: default; }
.picked { display: flex; flex-direction: column; gap: 4px; max-height: 152px; overflow-y: auto; padding: 0 0 8px; }
.picked li { display: flex; align-items: center; gap: 8px; padding: 4px 6px 4px 10px; border-radius: 8px; background: var(--raised); }
.picked li.failed { background: var(--bad-soft); color: var(--bad); }
.picked progress { width: 100%; height: 6px; margin: 5px 0; accent-color: var(--accent-ink); }
.hint { padding: 0 4px 8px; font-size: 12px; line-height: 16px; color: var(--quiet); }
@media (max-width: 479.98px) {
  .composer, .field input, .field textarea { font-size: 16px; line-height: 22px; } /* below 16 px a phone zooms into the field */
  .send { width: 44px; height: 44px; }
  .grow::after, .grow textarea { padding: 10px 11px; }
}
`;

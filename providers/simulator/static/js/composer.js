// Where the customer writes: text, attachments, voice; replying and editing.

import { popup } from "./bubble.js";
import { askCard, askPlace } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { sendAlbum, sendFile, sendSticker, sendVoice } from "./files.js";
import { t } from "./i18n.js";
import { state, subscribe, write } from "./store.js";
import { canRecord, record } from "./voice.js";
import { inShort } from "./words.js";

/** The composer element, with `reply(message)` and `edit(message)` to change its mode. */
export function composer() {
  let mode = null; // {kind: "reply" | "edit", message}
  const aside = h("div", { class: "composer-aside", hidden: true });
  const box = h("textarea", { rows: "1", "aria-label": t("write"), placeholder: t("write"), maxlength: "4096" });
  const picture = h("input", { type: "file", accept: "image/*,video/mp4", multiple: true, hidden: true, onchange: () => files(picture, false) });
  const document_ = h("input", { type: "file", multiple: true, hidden: true, onchange: () => files(document_, true) });
  const clip = h("button", { type: "button", class: "icon-button", "aria-label": t("attach"), title: t("attach"), "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => attach() }, icon("clip"));
  const main = h("button", { type: "button", class: "icon-button main", onclick: () => (box.value.trim() ? send() : voice()) });
  const row = h("div", { class: "composer-row" }, clip, box, main);
  const element = h("form", { class: "composer", onsubmit: (event) => event.preventDefault() }, aside, row, picture, document_);

  const more = () => (mode?.kind === "reply" ? { reply_to: mode.message.id } : {});
  const quietly = (promise) => promise.catch(() => {}); // the chat already says why
  const setMode = (kind, message) => {
    mode = kind ? { kind, message } : null;
    aside.hidden = !mode;
    const says = !mode ? "" : kind === "edit" ? t("editing") : t("replying", { text: inShort(message) });
    const stop = h("button", { type: "button", class: "icon-button", "aria-label": t("cancel"), onclick: () => setMode() }, icon("close"));
    aside.replaceChildren(h("p", {}, says), stop);
    box.value = kind === "edit" ? (message.body.body ?? message.body.caption ?? "") : kind ? box.value : "";
    drawMain();
    box.focus();
  };
  const drawMain = () => {
    const name = box.value.trim() || !canRecord() ? "send" : "voice";
    if (main.dataset.name === name) return;
    main.dataset.name = name;
    main.replaceChildren(icon(name === "send" ? "send" : "mic"));
    main.setAttribute("aria-label", t(name));
    main.title = t(name);
  };
  const send = () => {
    const said = box.value.trim();
    if (!said) return;
    const editing = mode?.kind === "edit" ? mode.message : null;
    const going = editing ? write("edit", { message_id: editing.id, text: said }) : write("text", { body: said }, more());
    setMode();
    going.catch(() => {
      if (!box.value) box.value = said;
      drawMain();
    });
  };
  const files = (input, asDocument) => {
    const chosen = [...input.files];
    input.value = "";
    const caption = box.value.trim();
    const extra = more();
    setMode();
    chosen.forEach((file, i) => quietly(sendFile(file, { asDocument, caption: i ? "" : caption, more: extra })));
  };
  const attach = () => {
    const item = (name, sign, act) => h("button", { type: "button", role: "menuitem", onclick: () => (close(), act()) }, icon(sign), t(name));
    const menu = h(
      "div",
      { class: "menu", role: "menu", "aria-label": t("attach") },
      item("picture", "image", () => picture.click()),
      item("album", "album", () => quietly(sendAlbum())),
      item("document", "file", () => document_.click()),
      item("sticker", "sticker", () => quietly(sendSticker(more()))),
      item("location", "place", () => askPlace(more())),
      item("contact", "person", () => askCard(more())),
    );
    const close = popup(clip, menu);
  };
  const voice = async () => {
    if (!canRecord()) return;
    const extra = more();
    const recording = await record();
    const started = Date.now();
    const says = h("span", { class: "recording", role: "timer" });
    const tell = () => (says.textContent = t(recording.tone ? "voice_tone" : "voice_recording", { seconds: Math.round((Date.now() - started) / 1000) }));
    const clock = setInterval(tell, 500);
    tell();
    const end = () => {
      clearInterval(clock);
      row.replaceChildren(clip, box, main);
      box.focus();
    };
    const drop = async () => {
      end();
      await recording.cancel();
    };
    const finish = async () => {
      end();
      quietly(sendVoice(await recording.stop(), extra));
      setMode();
    };
    const cancel = h("button", { type: "button", class: "icon-button", "aria-label": t("voice_cancel"), title: t("voice_cancel"), onclick: drop }, icon("bin"));
    const stop = h("button", { type: "button", class: "icon-button live", "aria-label": t("voice_stop"), title: t("voice_stop"), onclick: finish }, icon("send"));
    row.replaceChildren(cancel, says, stop);
    stop.focus();
  };

  box.addEventListener("input", drawMain);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && mode) setMode();
  });
  subscribe((what) => {
    if (what === "chosen") {
      mode = null;
      aside.hidden = true;
      box.value = "";
      drawMain();
    }
    element.hidden = !state.wa_id || !state.number;
  });
  drawMain();
  return { element, reply: (message) => setMode("reply", message), edit: (message) => setMode("edit", message), focus: () => box.focus() };
}

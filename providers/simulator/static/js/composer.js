// Where the customer writes: text, attachments, voice; replying and editing.

import { popup } from "./bubble.js";
import { askCard, askPlace } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { sendAlbum, sendFile, sendSticker, sendVoice } from "./files.js";
import { t } from "./i18n.js";
import { subscribe } from "./store.js";
import { tray } from "./tray.js";
import { canRecord, record } from "./voice.js";
import { inShort } from "./words.js";

/** The composer of a hold, with `reply(message)` and `edit(message)` to change its mode. */
export function composer(hold) {
  let mode = null; // {kind: "reply" | "edit", message, draft}
  let recording = null; // {drop()} while a voice note is recorded
  let whose = hold.wa_id;
  const drafts = new Map(); // wa_id → what was being written
  const aside = h("div", { class: "composer-aside", hidden: true });
  const box = h("textarea", { rows: "1", "aria-label": t("write"), placeholder: t("write"), maxlength: "4096" });
  const files = tray(() => drawMain());
  const chooser = (accept, asDocument) => {
    const input = h("input", { type: "file", accept, multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true", onchange: () => take(input, asDocument) });
    return input;
  };
  const picture = chooser("image/*,video/mp4", false);
  const document_ = chooser(null, true);
  const clip = h("button", { type: "button", class: "icon-button", "aria-label": t("attach"), title: t("attach"), "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => attach() }, icon("clip"));
  const main = h("button", { type: "button", class: "icon-button main", onclick: () => (hasWords() || !canRecord() ? send() : voice()) });
  const row = h("div", { class: "composer-row" }, clip, box, main);
  const element = h("form", { class: "composer", onsubmit: (event) => event.preventDefault() }, aside, files.element, row, picture, document_);

  const hasWords = () => Boolean(box.value.trim()) || files.size > 0;
  const more = () => (mode?.kind === "reply" ? { reply_to: mode.message.id } : {});
  const setMode = (kind, message) => {
    const draft = mode?.kind === "edit" ? mode.draft : box.value;
    mode = kind ? { kind, message, draft } : null;
    aside.hidden = !mode;
    const says = !mode ? "" : kind === "edit" ? t("editing") : t("replying", { text: inShort(message) });
    const stop = h("button", { type: "button", class: "icon-button", "aria-label": t("cancel"), onclick: () => setMode() }, icon("close"));
    aside.replaceChildren(h("p", {}, says), stop);
    box.value = kind === "edit" ? (message.body.body ?? message.body.caption ?? "") : draft;
    drawMain();
    box.focus();
  };
  const drawMain = () => {
    const name = hasWords() || !canRecord() ? "send" : "voice";
    if (main.dataset.name === name) return;
    main.dataset.name = name;
    main.replaceChildren(icon(name === "send" ? "send" : "mic"));
    main.setAttribute("aria-label", t(name));
    main.title = t(name);
  };
  const send = async () => {
    const said = box.value.trim();
    const chosen = mode?.kind === "edit" ? [] : files.take();
    if (!said && !chosen.length) return;
    const editing = mode?.kind === "edit" ? mode.message : null;
    const extra = more();
    if (!editing) box.value = "";
    setMode();
    if (chosen.length) await sendFiles(chosen, said, extra);
    else if (!(await hold.quietly(editing ? hold.write("edit", { message_id: editing.id, text: said }) : hold.write("text", { body: said }, extra)))) giveBack(said);
  };
  const sendFiles = async (chosen, caption, extra) => {
    for (const [i, { file, asDocument }] of chosen.entries()) {
      const told = { asDocument, caption: i ? "" : caption, more: i ? {} : extra };
      if (!(await hold.quietly(sendFile(hold, file, told)))) {
        files.add([file], asDocument);
        if (!i) giveBack(caption);
      }
    }
  };
  const giveBack = (said) => {
    if (!box.value) box.value = said;
    drawMain();
  };
  const take = (input, asDocument) => {
    files.add(input.files, asDocument);
    input.value = "";
    box.focus();
  };
  const attach = () => {
    const item = (name, sign, act) => h("button", { type: "button", role: "menuitem", onclick: () => (close(), act()) }, icon(sign), t(name));
    const sent = (act) => () => (hold.quietly(act(more())), setMode());
    const menu = h(
      "div",
      { class: "menu", role: "menu", "aria-label": t("attach") },
      item("picture", "image", () => picture.click()),
      item("album", "album", sent(() => sendAlbum(hold))),
      item("document", "file", () => document_.click()),
      item("sticker", "sticker", sent((extra) => sendSticker(hold, extra))),
      item("location", "place", () => askPlace(hold, more())),
      item("contact", "person", () => askCard(hold, more())),
    );
    const close = popup(clip, menu);
  };
  const voice = async () => {
    const extra = more();
    const taking = await record().catch((error) => hold.refuse(error));
    if (!taking) return;
    const started = Date.now();
    const says = h("span", { class: "recording", role: "timer" });
    const tell = () => (says.textContent = t(taking.tone ? "voice_tone" : "voice_recording", { seconds: Math.round((Date.now() - started) / 1000) }));
    const clock = setInterval(tell, 500);
    tell();
    const end = () => {
      clearInterval(clock);
      recording = null;
      row.replaceChildren(clip, box, main);
    };
    const drop = async () => {
      end();
      box.focus();
      await taking.cancel();
    };
    const finish = async () => {
      end();
      setMode();
      hold.quietly(sendVoice(hold, await taking.stop(), extra));
    };
    recording = { drop };
    const cancel = h("button", { type: "button", class: "icon-button", "aria-label": t("voice_cancel"), title: t("voice_cancel"), onclick: drop }, icon("bin"));
    const stop = h("button", { type: "button", class: "icon-button live", "aria-label": t("voice_stop"), title: t("voice_stop"), onclick: finish }, icon("send"));
    row.replaceChildren(cancel, says, stop);
    stop.focus();
  };

  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (recording) recording.drop();
    else if (mode) setMode();
  });
  box.addEventListener("input", drawMain);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });
  box.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length || mode?.kind === "edit") return;
    event.preventDefault();
    files.add(event.clipboardData.files);
  });
  const chosen = () => {
    recording?.drop();
    files.take();
    if (whose !== hold.wa_id) {
      drafts.set(whose, mode?.kind === "edit" ? mode.draft : box.value);
      box.value = drafts.get(hold.wa_id) ?? "";
      whose = hold.wa_id;
    }
    mode = null;
    aside.hidden = true;
    drawMain();
  };
  const drawPresence = () => (element.hidden = !hold.wa_id || !hold.number);
  hold.subscribe((what) => {
    if (what === "chosen") chosen();
    if (what === "closed") recording?.drop();
    drawPresence();
  });
  subscribe((what) => what === "desk" && drawPresence());
  drawMain();
  drawPresence();
  return {
    element,
    reply: (message) => setMode("reply", message),
    edit: (message) => setMode("edit", message),
    focus: () => box.focus(),
    add: (dropped) => hold.wa_id && mode?.kind !== "edit" && (files.add(dropped), box.focus()),
  };
}

// What is inside a bubble: each type of message as elements.

import { h, icon } from "./dom.js";
import { askPlace, askRow } from "./dialogs.js";
import { t } from "./i18n.js";
import { view } from "./viewer.js";

const SAFE = /^https?:\/\//;
const source = (body) => (body.id ? `media/${body.id}` : SAFE.test(body.link ?? "") ? body.link : "");
const text = (value, kind = "text") => (value ? h("p", { class: kind }, withLinks(value)) : null);

/** The elements of a message's content on this hold's phone. */
export function contents(message, hold) {
  if (message.revoked) return [h("p", { class: "gone" }, t("revoked"))];
  return [(TYPES[message.type] ?? unknown)(message.body, message, hold)];
}

export const isMedia = (message) => !message.revoked && ["image", "video", "sticker"].includes(message.type);

const TYPES = {
  text: (body) => text(body.body),
  image: (body) => [picture(body), text(body.caption, "text caption")],
  sticker: (body) => h("img", { class: "sticker", src: source(body), alt: t("kind_sticker"), loading: "lazy" }),
  video: (body) => [h("video", { src: source(body), controls: true, preload: "metadata", "aria-label": t("kind_video") }), text(body.caption, "text caption")],
  audio: (body, message, hold) =>
    h("audio", {
      src: source(body), controls: true, preload: "metadata", "aria-label": t("kind_audio"),
      onplay: () => message.author === "business" && hold.quietly(hold.act("played", { message_id: message.id })),
    }),
  document: (body) => [file(body), text(body.caption)],
  location: (body) =>
    h(
      "a",
      { class: "place", href: `https://www.openstreetmap.org/?mlat=${Number(body.latitude)}&mlon=${Number(body.longitude)}`, target: "_blank", rel: "noopener noreferrer" },
      icon("place"),
      h("span", {}, h("b", {}, body.name || t("kind_location")), h("br"), h("span", { class: "small" }, body.address || `${body.latitude}, ${body.longitude}`)),
    ),
  contacts: (body) =>
    body.map((card) =>
      h("div", { class: "card" }, icon("person"), h("span", {}, h("b", {}, card.name?.formatted_name ?? ""), h("br"), h("span", { class: "small" }, card.phones?.[0]?.phone ?? ""))),
    ),
  button: (body) => text(body.text),
  interactive: (body, message, hold) => (message.author === "customer" ? answer(body) : offer(body, message, hold)),
  template: (body, message, hold) => template(message.preview ?? {}, message, hold),
};

function picture(body) {
  const name = body.caption || t("kind_image");
  const image = h("img", { src: source(body), alt: name, loading: "lazy", onerror: () => image.parentElement.replaceWith(h("p", { class: "gone" }, t("picture_gone"))) });
  return h("button", { type: "button", class: "picture", "aria-label": t("open_picture", { name }), onclick: (event) => view(event.currentTarget) }, image);
}

function unknown(body, message) {
  return h("p", { class: "gone" }, t(`kind_${message.type}`));
}

function file(body) {
  const name = body.filename || t("kind_document");
  return h("a", { class: "file", href: source(body), download: name, "aria-label": t("download", { name }) }, icon("file"), h("b", {}, name));
}

function answer(body) {
  const chosen = body.button_reply ?? body.list_reply;
  const said = chosen?.title ?? body.nfm_reply?.body ?? body.call_permission_reply?.response ?? t("kind_interactive");
  return [text(said), chosen?.description ? h("p", { class: "footer-line" }, chosen.description) : null];
}

function offer(body, message, hold) {
  return [header(body.header), text(body.body?.text), text(body.footer?.text, "footer-line"), choices(body, message, hold)];
}

function header(given) {
  if (!given) return null;
  if (given.type === "text") return h("p", {}, h("b", {}, given.text));
  return TYPES[given.type]?.(given[given.type] ?? {}, {}) ?? null;
}

function choices(body, message, hold) {
  const more = { reply_to: message.id };
  const reply = (kind, value) => hold.write("interactive", { type: kind, [kind]: value }, more);
  const action = body.action ?? {};
  const parameters = action.parameters ?? {};
  const choice = (label, act) => h("button", { type: "button", onclick: () => hold.quietly(act()) }, label);
  const offered = {
    button: () => (action.buttons ?? []).map(({ reply: { id, title } }) => choice(title, () => reply("button_reply", { id, title }))),
    list: () => choice(action.button || t("open_list"), () => askRow(action.button || t("open_list"), action.sections ?? [], (row) => reply("list_reply", row))),
    cta_url: () => link(parameters.display_text, parameters.url),
    location_request_message: () => choice(t("share_location"), () => askPlace(hold, more)),
    call_permission_request: () => [
      choice(t("allow_calls"), () => reply("call_permission_reply", { response: "accept", response_source: "user_action", expiration_timestamp: Math.floor(Date.now() / 1000) + 7 * 86400 })),
      choice(t("refuse_calls"), () => reply("call_permission_reply", { response: "reject", response_source: "user_action" })),
    ],
    flow: () => choice(parameters.flow_cta, () => reply("nfm_reply", { name: "flow", body: "Sent", response_json: JSON.stringify({ flow_token: parameters.flow_token ?? "", note: t("flow_done") }) })),
  }[body.type]?.();
  return offered ? h("div", { class: "choices" }, offered) : null;
}

function template(preview, message, hold) {
  const buttons = (preview.buttons ?? []).map((button) =>
    button.type === "URL"
      ? link(button.text, button.url)
      : h("button", { type: "button", onclick: () => hold.quietly(hold.write("button", { payload: button.payload, text: button.text }, { reply_to: message.id })) }, button.text),
  );
  return [
    preview.media ? TYPES[preview.media.type]?.(preview.media, {}) : null,
    preview.header ? h("p", {}, h("b", {}, preview.header)) : null,
    text(preview.body),
    text(preview.footer, "footer-line"),
    buttons.length ? h("div", { class: "choices" }, buttons) : null,
  ];
}

const link = (label, url) => h("a", { href: SAFE.test(url ?? "") ? url : "#", target: "_blank", rel: "noopener noreferrer" }, label);

/** Text with its addresses as links. */
export function withLinks(value) {
  return String(value).split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/g).map((part, i) => (i % 2 ? link(part, part) : part));
}

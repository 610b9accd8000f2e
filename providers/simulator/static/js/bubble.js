// One message in the chat: its bubble, ticks, reactions and the menu of what can be done with it.

import { contents, isMedia } from "./contents.js";
import { h, icon, tickMark } from "./dom.js";
import { clockTime, t } from "./i18n.js";
import { inShort } from "./words.js";

const EMOJIS = ["👍", "❤️", "😂", "😮", "🙏"];
const TICKS = { waiting: "waiting", sent: "sent", delivered: "delivered", read: "read" };

/** The row of a message on this hold's phone. `acts`: {reply, edit} start the composer's modes. */
export function bubble(message, { first, hold, acts }) {
  const mine = message.author === "customer";
  const reactions = message.revoked ? [] : Object.values(message.reactions ?? {});
  const classes = ["bubble-row", mine && "mine", first && "first", reactions.length && "reacted"].filter(Boolean).join(" ");
  return h(
    "li",
    { class: classes, "data-id": message.id },
    h(
      "div",
      { class: `bubble${isMedia(message) ? " media" : ""}${message.type === "sticker" && !message.revoked ? " bare" : ""}` },
      quote(message, hold),
      contents(message, hold),
      h(
        "span",
        { class: "foot" },
        message.edited && !message.revoked ? h("span", {}, t("edited")) : null,
        h("time", { datetime: new Date(message.at * 1000).toISOString(), title: new Date(message.at * 1000).toLocaleString() }, clockTime(message.at)),
        mine ? ticks(message) : null,
      ),
      reactions.length ? h("span", { class: "reactions" }, reactions.join(" ")) : null,
    ),
    message.revoked ? null : more(message, hold, acts),
  );
}

function ticks(message) {
  const name = TICKS[message.state] ?? "sent";
  return h("span", { class: `ticks ${name}`, role: "img", "aria-label": t(`state_${name}`), title: t(`state_${name}`) }, tickMark(name));
}

function quote(message, hold) {
  const target = message.context_id && hold.messages.get(message.context_id);
  if (!target || message.revoked) return null;
  const go = () => {
    const row = document.querySelector(`[data-id="${CSS.escape(target.id)}"]`);
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.classList.add("shown");
    row.addEventListener("animationend", () => row.classList.remove("shown"), { once: true });
  };
  const author = target.author === "customer" ? t("you") : (hold.business?.name ?? "");
  return h("button", { type: "button", class: "quote", onclick: go }, h("b", {}, author), h("span", {}, inShort(target)));
}

function more(message, hold, acts) {
  const button = h(
    "button",
    { type: "button", class: "icon-button more", "aria-label": t("actions"), "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => openMenu(button, message, hold, acts) },
    icon("more"),
  );
  return button;
}

function openMenu(button, message, hold, acts) {
  if (button.getAttribute("aria-expanded") === "true") return;
  const own = message.author === "customer";
  const done = (act) => () => {
    close();
    act();
  };
  const item = (name, sign, act) => h("button", { type: "button", role: "menuitem", onclick: done(act) }, icon(sign), t(name));
  const react = (emoji) => hold.quietly(hold.write("reaction", { message_id: message.id, emoji }));
  const menu = h(
    "div",
    { class: "menu actions-menu", role: "menu", "aria-label": t("actions") },
    h("div", { class: "emojis" }, EMOJIS.map((emoji) => h("button", { type: "button", role: "menuitem", "aria-label": t("react", { emoji }), "data-chosen": message.reactions?.customer === emoji, onclick: done(() => react(emoji)) }, emoji))),
    message.reactions?.customer ? item("unreact", "close", () => react("")) : null,
    item("reply", "reply", () => acts.reply(message)),
    own && ["text", "image", "video", "document"].includes(message.type) ? item("edit", "edit", () => acts.edit(message)) : null,
    own ? item("revoke", "bin", () => hold.quietly(hold.write("revoke", { message_id: message.id }))) : null,
  );
  const close = popup(button, menu);
}

/** Show a menu at a button: arrows move, Escape and a click elsewhere close it. Returns the closing. */
export function popup(button, menu) {
  button.setAttribute("aria-expanded", "true");
  (document.querySelector("main") ?? document.body).append(menu); // inside a landmark
  place(button, menu);
  const items = [...menu.querySelectorAll("button")];
  items[0]?.focus();
  const away = (event) => {
    if (!menu.contains(event.target) && event.target !== button) close(false);
  };
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) items.at((items.indexOf(document.activeElement) + step) % items.length)?.focus();
    else if (event.key === "Escape") close();
    else if (event.key === "Tab") close();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };
  const close = (refocus = true) => {
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", away, true);
    if (refocus && button.isConnected) button.focus();
  };
  menu.addEventListener("keydown", keys);
  document.addEventListener("pointerdown", away, true);
  return close;
}

function place(button, menu) {
  const at = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  menu.style.position = "fixed";
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
  menu.style.top = `${at.bottom + size.height + 8 < innerHeight ? at.bottom + 4 : Math.max(8, at.top - size.height - 4)}px`;
}

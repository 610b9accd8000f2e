// The open chat: who, to which business number, whether online; and the messages.

import { bubble } from "./bubble.js";
import { composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { dayName, t } from "./i18n.js";
import { act, business, choose, phone, state, subscribe } from "./store.js";
import { initials } from "./words.js";

/** The right column; it renders itself on changes. */
export function thread() {
  const compose = composer();
  const name = h("h2");
  const avatar = h("span", { class: "avatar", "aria-hidden": "true" });
  const numbers = h("select", { "aria-label": t("business_number"), onchange: () => choose(state.wa_id, numbers.value) });
  const online = h("input", { type: "checkbox", role: "switch", onchange: () => act("online", { online: online.checked }).catch(() => {}) });
  const head = h(
    "header",
    { class: "thread-head" },
    h("button", { class: "icon-button back", "aria-label": t("back"), onclick: () => choose(null) }, icon("back")),
    avatar,
    h("div", { class: "thread-who" }, name, numbers),
    h("label", { class: "switch" }, h("span", { class: "word" }, t("online")), online, h("span", { class: "track", "aria-hidden": "true" })),
  );
  online.setAttribute("aria-label", t("online"));
  const notice = h("p", { class: "notice", role: "status", hidden: true });
  const list = h("ol", { class: "messages", "aria-label": t("messages"), tabindex: "0" });
  const element = h("main", { class: "thread" }, head, notice, list, compose.element);
  const rows = new Map(); // message id → {seen, row}
  let typingTimer = 0;

  const drawHead = () => {
    const held = phone();
    head.hidden = !held;
    if (!held) return;
    name.textContent = held.name;
    avatar.textContent = initials(held.name);
    online.checked = held.online;
    numbers.replaceChildren(...state.numbers.map((n) => h("option", { value: n.phone_number_id }, `${n.name} · ${n.display_phone_number}`)));
    numbers.value = state.number ?? "";
    numbers.hidden = !state.numbers.length;
  };
  const drawNotice = () => {
    const bad = state.refusal ?? (state.connected || !state.ready ? null : "");
    notice.classList.toggle("bad", bad !== null);
    const says = state.refusal ? t("failed", { why: state.refusal }) : bad === "" ? t("lost") : phone()?.online === false ? t("offline_notice") : "";
    notice.textContent = says;
    notice.hidden = !says;
  };
  const drawMessages = () => {
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    const children = [];
    let before = null;
    for (const message of state.messages.values()) {
      const day = dayName(message.at);
      const newDay = !before || dayName(before.at) !== day;
      if (newDay) children.push(h("li", { class: "day" }, day));
      children.push(rowOf(message, newDay || before.author !== message.author));
      before = message;
    }
    if (!children.length) children.push(emptiness());
    if (state.typingUntil > Date.now() / 1000) children.push(typing());
    replace(list, children);
    for (const id of rows.keys()) if (!state.messages.has(id)) rows.delete(id);
    if (atEnd) list.scrollTop = list.scrollHeight;
  };
  const rowOf = (message, first) => {
    const seen = JSON.stringify([message, first, message.context_id && state.messages.get(message.context_id)?.revoked]);
    const kept = rows.get(message.id);
    if (kept?.seen === seen) return kept.row;
    const row = bubble(message, { first, acts: compose });
    rows.set(message.id, { seen, row });
    return row;
  };
  const drawTyping = () => {
    clearTimeout(typingTimer);
    const left = state.typingUntil * 1000 - Date.now();
    if (left > 0) typingTimer = setTimeout(drawMessages, left + 50);
    drawMessages();
  };
  subscribe((what) => {
    if (what === "chosen") {
      rows.clear();
      list.replaceChildren();
    }
    if (what !== "typing") drawHead();
    drawNotice();
    if (what === "chat") drawMessages();
    if (what === "typing") drawTyping();
    if (what === "chosen" && state.wa_id) compose.focus();
    if (!state.wa_id || !state.number) drawMessages();
  });
  return element;
}

function emptiness() {
  if (!state.ready) return h("li", { class: "empty" });
  const which = !state.number ? "no_number" : !state.wa_id ? "pick_customer" : "chat_empty";
  return h("li", { class: "empty" }, h("b", {}, t(which)), t(`${which}_hint`));
}

function typing() {
  const says = t("typing", { name: business()?.name ?? "" });
  return h("li", { class: "bubble-row first" }, h("span", { class: "typing-dots", role: "img", "aria-label": says, title: says }, h("i"), h("i"), h("i")));
}

/** Put `wanted` as the children, touching only what differs: playing media and focus stay. */
function replace(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, i) => {
    if (parent.childNodes[i] !== child) parent.insertBefore(child, parent.childNodes[i] ?? null);
  });
}

// One phone: who holds it, to which business number, whether online; and the messages.

import { bubble } from "./bubble.js";
import { composer } from "./composer.js";
import { close, leave, use } from "./desk.js";
import { h, icon, replace } from "./dom.js";
import { dayName, t } from "./i18n.js";
import { eachFrame, state, subscribe } from "./store.js";
import { initials } from "./words.js";

/** The element of a hold; it renders itself on changes. */
export function thread(hold) {
  const compose = composer(hold);
  const name = h("h2");
  const avatar = h("span", { class: "avatar", "aria-hidden": "true" });
  const numbers = h("select", { "aria-label": t("business_number"), onchange: () => hold.choose(hold.wa_id, numbers.value) });
  const online = h("input", { type: "checkbox", role: "switch", "aria-label": t("online"), onchange: () => hold.quietly(hold.act("online", { online: online.checked })) });
  const word = h("span", { class: "word" });
  const away = h("button", { type: "button", class: "icon-button close-phone", "aria-label": t("close_phone"), title: t("close_phone"), onclick: () => close(hold) }, icon("close"));
  const head = h(
    "header",
    { class: "thread-head" },
    h("button", { type: "button", class: "icon-button back", "aria-label": t("back"), onclick: leave }, icon("back")),
    avatar,
    h("div", { class: "thread-who" }, name, numbers),
    h("label", { class: "switch" }, word, online, h("span", { class: "track", "aria-hidden": "true" })),
    away,
  );
  const notice = h("p", { class: "notice", role: "status", hidden: true });
  const list = h("ol", { class: "messages", "aria-label": t("messages"), tabindex: "0", onscroll: () => drawJump() });
  const jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => toEnd() }, icon("down"), t("newest"));
  const element = h(
    "section",
    { class: "thread", "aria-label": t("phone"), onfocusin: () => use(hold), onpointerdown: () => use(hold) },
    head,
    notice,
    h("div", { class: "wall" }, list, jump),
    compose.element,
  );
  const rows = new Map(); // message id → {seen, row}
  let typingTimer = 0;
  acceptDrops(element, (files) => compose.add(files));

  const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const toEnd = () => (list.scrollTop = list.scrollHeight);
  const drawJump = () => {
    if (atEnd()) jump.hidden = true;
  };
  const drawHead = () => {
    const who = hold.phone?.name ?? (hold.wa_id ? `+${hold.wa_id}` : "");
    element.setAttribute("aria-label", who ? t("phone_of", { name: who }) : t("phone"));
    for (const part of [avatar, numbers, online.parentElement]) part.hidden = !hold.wa_id;
    name.textContent = who || t("empty_phone");
    away.hidden = state.holds.length < 2 && !hold.wa_id;
    element.classList.toggle("offline", hold.phone?.online === false);
    if (!hold.wa_id) return;
    avatar.textContent = initials(who);
    online.checked = hold.phone?.online !== false;
    word.textContent = t(online.checked ? "online" : "offline");
    numbers.replaceChildren(...state.numbers.map((n) => h("option", { value: n.phone_number_id }, `${n.name} · ${n.display_phone_number}`)));
    numbers.value = hold.number ?? "";
    numbers.hidden = !state.numbers.length;
  };
  const drawNotice = () => {
    const lost = !state.connected && state.ready;
    const offline = hold.phone?.online === false;
    const says = hold.refusal ? t("failed", { why: hold.refusal }) : lost ? t("lost") : offline ? t("offline_notice") : "";
    notice.classList.toggle("bad", Boolean(hold.refusal) || lost);
    if (notice.dataset.says === says) return;
    notice.dataset.says = says;
    notice.replaceChildren(...(says ? [icon(hold.refusal ? "warn" : "offline"), h("span", {}, says)] : []));
    notice.hidden = !says;
  };
  const drawMessages = () => {
    const followed = atEnd();
    const children = [];
    let before = null;
    for (const message of hold.messages.values()) {
      const day = dayName(message.at);
      const newDay = !before || dayName(before.at) !== day;
      if (newDay) children.push(dayMark(day, message.id));
      children.push(rowOf(message, newDay || before.author !== message.author));
      before = message;
    }
    if (!children.length) children.push(emptiness(hold));
    if (hold.typingUntil > Date.now() / 1000) children.push(typing(hold));
    const newest = list.dataset.newest;
    list.dataset.newest = before?.id ?? "";
    replace(list, children);
    for (const id of rows.keys()) if (!hold.messages.has(id) && !id.startsWith("day ")) rows.delete(id);
    if (followed || before?.author === "customer") toEnd();
    else if (newest !== list.dataset.newest) jump.hidden = false;
  };
  const keep = (key, seen, make) => {
    const kept = rows.get(key);
    if (kept?.seen === seen) return kept.row;
    const row = make();
    rows.set(key, { seen, row });
    return row;
  };
  const dayMark = (day, id) => keep(`day ${id}`, day, () => h("li", { class: "day" }, day));
  const rowOf = (message, first) => {
    const quoted = message.context_id && hold.messages.get(message.context_id);
    const seen = JSON.stringify([message, first, quoted?.revoked, quoted?.body]);
    return keep(message.id, seen, () => bubble(message, { first, hold, acts: compose }));
  };
  const drawSoon = eachFrame(drawMessages);
  const drawTyping = () => {
    clearTimeout(typingTimer);
    const left = hold.typingUntil * 1000 - Date.now();
    if (left > 0) typingTimer = setTimeout(drawMessages, left + 50);
    drawMessages();
  };
  hold.subscribe((what) => {
    if (what === "chosen") {
      rows.clear();
      list.replaceChildren();
      jump.hidden = true;
      drawHead();
      drawNotice();
      if (!hold.wa_id) drawMessages();
    } else if (what === "chat") {
      drawHead();
      drawNotice();
      drawSoon();
    } else if (what === "typing") drawTyping();
    else if (what === "taken") (hold.wa_id ? compose : list).focus();
  });
  subscribe((what) => {
    if (!state.holds.includes(hold)) return;
    if (what === "desk") drawHead();
    if (what === "desk" || what === "connection") drawNotice();
    if (what === "desk" && !hold.messages.size) drawSoon();
  });
  drawHead();
  drawMessages();
  return element;
}

/** Files that are dragged onto the phone go to the composer. */
function acceptDrops(element, take) {
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0; // dragenter and dragleave also come from every child
  const show = (by) => element.classList.toggle("dropping", (depth = Math.max(0, depth + by)) > 0);
  element.addEventListener("dragenter", (event) => carries(event) && show(1));
  element.addEventListener("dragleave", (event) => carries(event) && show(-1));
  element.addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  element.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    show(-depth);
    take(event.dataTransfer.files);
  });
}

function emptiness(hold) {
  if (!state.ready) return h("li", { class: "empty" });
  const which = !state.numbers.length ? "no_number" : !hold.wa_id ? "pick_customer" : "chat_empty";
  return h("li", { class: "empty" }, h("b", {}, t(which)), t(`${which}_hint`));
}

function typing(hold) {
  const says = t("typing", { name: hold.business?.name ?? "" });
  return h("li", { class: "bubble-row first" }, h("span", { class: "typing-dots", role: "img", "aria-label": says, title: says }, h("i"), h("i"), h("i")));
}

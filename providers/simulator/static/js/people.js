// The customers whose phones one can hold, newest first; the order stands still under the pointer and the focus.

import { crowd } from "./crowd.js";
import { add, holdOf, open } from "./desk.js";
import { askCustomer } from "./dialogs.js";
import { h, icon, replace } from "./dom.js";
import { clockTime, t } from "./i18n.js";
import { changed, eachFrame, state, subscribe } from "./store.js";
import { inShort, initials } from "./words.js";

const MOST = 200; // rows; the search finds the others

/** The column of customers; it renders itself on "people". */
export function people() {
  const list = h("ul", { class: "people-list", "aria-label": t("people") });
  const find = h("input", { type: "search", class: "input", "aria-label": t("find"), placeholder: t("find"), autocomplete: "off", oninput: () => draw(true) });
  const newest = h("button", { type: "button", class: "newest", hidden: true, onclick: () => draw(true) }, icon("up"), t("show_newest"));
  const rows = new Map(); // wa_id → {seen, row}
  let order = [];
  let pointed = false;

  const sorted = () => {
    const words = find.value.trim().toLowerCase();
    const when = (phone) => state.last.get(phone.wa_id)?.at ?? 0;
    const fits = (phone) => !words || phone.name.toLowerCase().includes(words) || phone.wa_id.includes(words);
    return [...state.phones.values()].filter(fits).sort((a, b) => when(b) - when(a) || a.name.localeCompare(b.name)).map((phone) => phone.wa_id);
  };
  const draw = (now = false) => {
    const wanted = sorted();
    const still = !now && order.length > 0 && (pointed || list.contains(document.activeElement));
    const old = new Set(order);
    if (still && wanted.every((wa_id) => old.has(wa_id)) === false) newest.hidden = false;
    else if (still) newest.hidden = wanted.slice(0, 8).every((wa_id, i) => wa_id === order[i]);
    else newest.hidden = true;
    if (!still) order = wanted;
    const children = order.slice(0, MOST).map(rowOf);
    if (!children.length && state.ready) children.push(h("li", { class: "empty" }, t(find.value ? "find_empty" : "search_empty")));
    if (order.length > MOST) children.push(h("li", { class: "small more-people" }, t("more_people", { count: order.length - MOST })));
    replace(list, children);
  };
  const rowOf = (wa_id) => {
    const phone = state.phones.get(wa_id);
    const last = state.last.get(wa_id);
    const unread = state.unread.get(wa_id) ?? 0;
    const here = state.active?.wa_id === wa_id;
    const held = Boolean(holdOf(wa_id));
    const seen = JSON.stringify([phone, last?.id, last && inShort(last), unread, here, held]);
    const kept = rows.get(wa_id);
    if (kept?.seen === seen) return kept.row;
    const row = kept?.row ?? h("li", { class: "person-row" });
    const focused = row.contains(document.activeElement) ? document.activeElement.className : null;
    row.replaceChildren(...person({ phone, last, unread, here, held }));
    if (focused) [...row.children].find((child) => child.className === focused)?.focus();
    rows.set(wa_id, { seen, row });
    return row;
  };

  const drawSoon = eachFrame(() => draw());
  // With the button above the list: nobody may be led to another row on the way to it.
  const area = h("div", { class: "people-scroll" }, newest, list);
  area.addEventListener("pointerenter", ({ pointerType }) => (pointed = pointerType === "mouse"));
  area.addEventListener("pointerleave", () => {
    pointed = false;
    drawSoon();
  });
  list.addEventListener("focusout", drawSoon);
  subscribe((what) => what === "people" && drawSoon());
  return h(
    "section",
    { class: "people", "aria-label": t("people") },
    h(
      "header",
      { class: "people-head" },
      h("h2", {}, t("people")),
      h("button", { type: "button", class: "icon-button add-phone", "aria-label": t("add_phone"), title: t("add_phone"), onclick: addPhone }, icon("beside")),
      h("button", { type: "button", class: "icon-button", "aria-label": t("new_customer"), title: t("new_customer"), onclick: askCustomer }, icon("plus")),
    ),
    h("p", { class: "people-intro small" }, t("intro")),
    crowd(),
    h("div", { class: "people-find" }, find),
    area,
    h(
      "footer",
      { class: "people-foot small" },
      h("a", { href: "mail", target: "_blank", rel: "noopener" }, t("mailbox")),
      h("a", { href: "site", target: "_blank", rel: "noopener" }, t("shop")),
      h("span", { class: "demo" }, t("demo")),
    ),
  );
}

function addPhone() {
  const empty = state.holds.find((hold) => !hold.wa_id) ?? add();
  changed("desk");
  empty.changed("taken");
}

function person({ phone, last, unread, here, held }) {
  const offline = phone.online ? null : h("span", { class: "off", title: t("offline") }, icon("offline"), h("span", { class: "visually-hidden" }, t("offline")));
  const go = (beside) => open(phone.wa_id, { number: last?.phone_number_id, beside });
  return [
    h(
      "button",
      {
        type: "button",
        class: "person",
        "data-wa-id": phone.wa_id,
        "data-held": held,
        "aria-current": here ? "true" : null,
        onclick: (event) => go(event.ctrlKey || event.metaKey),
      },
      h("span", { class: "avatar", "aria-hidden": "true" }, initials(phone.name)),
      h("span", { class: "person-name" }, h("b", {}, phone.name), offline),
      unread ? h("span", { class: "unread" }, String(unread)) : h("time", {}, last ? clockTime(last.at) : ""),
      h("span", { class: "person-last" }, last ? inShort(last) : `+${phone.wa_id}`),
    ),
    held ? null : h("button", { type: "button", class: "icon-button beside", "aria-label": t("beside", { name: phone.name }), title: t("beside", { name: phone.name }), onclick: () => go(true) }, icon("beside")),
  ].filter(Boolean);
}

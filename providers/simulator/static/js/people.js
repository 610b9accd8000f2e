// The customers whose phones one can hold.

import { h, icon } from "./dom.js";
import { askCustomer } from "./dialogs.js";
import { clockTime, t } from "./i18n.js";
import { choose, state, subscribe } from "./store.js";
import { inShort, initials } from "./words.js";

/** The column of customers; it renders itself on "people". */
export function people() {
  const list = h("ul", { class: "people-list", "aria-label": t("people") });
  const column = h(
    "aside",
    { class: "people" },
    h(
      "header",
      { class: "people-head" },
      h("h1", {}, t("people")),
      h("span", { class: "demo" }, t("demo")),
      h("button", { class: "icon-button", "aria-label": t("new_customer"), title: t("new_customer"), onclick: askCustomer }, icon("plus")),
    ),
    h("p", { class: "people-intro small" }, t("intro")),
    list,
    h(
      "footer",
      { class: "people-foot small" },
      h("a", { href: "mail", target: "_blank", rel: "noopener" }, t("mailbox")),
      h("a", { href: "site", target: "_blank", rel: "noopener" }, t("shop")),
    ),
  );
  const draw = () => {
    const held = document.activeElement?.closest?.(".person")?.dataset.waId;
    const when = (phone) => state.last.get(phone.wa_id)?.at ?? 0;
    const sorted = [...state.phones.values()].sort((a, b) => when(b) - when(a) || a.name.localeCompare(b.name));
    list.replaceChildren(...sorted.map(person));
    if (!sorted.length && state.ready) list.append(h("li", { class: "empty" }, t("search_empty")));
    if (held) list.querySelector(`[data-wa-id="${held}"]`)?.focus();
  };
  subscribe((what) => what === "people" && draw());
  return column;
}

function person(phone) {
  const last = state.last.get(phone.wa_id);
  const unread = state.unread.get(phone.wa_id) ?? 0;
  return h(
    "li",
    {},
    h(
      "button",
      {
        class: "person",
        "data-wa-id": phone.wa_id,
        "aria-current": phone.wa_id === state.wa_id ? "true" : null,
        onclick: () => choose(phone.wa_id, last?.phone_number_id ?? state.number),
      },
      h("span", { class: "avatar", "aria-hidden": "true" }, initials(phone.name)),
      h("span", { class: "person-name" }, phone.name),
      unread ? h("span", { class: "unread" }, String(unread)) : h("time", {}, last ? clockTime(last.at) : ""),
      h("span", { class: "person-last" }, last ? inShort(last) : `+${phone.wa_id}`),
    ),
  );
}

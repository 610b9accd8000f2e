// The small forms: a new customer, a place, a contact card, a choice from a list.

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { open } from "./desk.js";
import { state } from "./store.js";
import { post } from "./wire.js";

/** Show a form; `send` gets its values and may throw: then the form stays and says why. */
function ask({ title, fields, action, send }) {
  const why = h("p", { class: "notice bad", role: "alert", hidden: true });
  const dialog = h(
    "dialog",
    { "aria-label": title, onclose: () => dialog.remove() },
    h(
      "form",
      {
        onsubmit: async (event) => {
          event.preventDefault();
          try {
            const then = await send(Object.fromEntries(new FormData(event.target)));
            dialog.close();
            if (typeof then === "function") then(); // after the dialog gave the focus back
          } catch (error) {
            why.hidden = false;
            why.textContent = t("failed", { why: error.message });
          }
        },
      },
      h("h2", {}, title),
      fields,
      why,
      h(
        "div",
        { class: "actions" },
        h("button", { class: "button", type: "button", onclick: () => dialog.close() }, t("cancel")),
        h("button", { class: "button main" }, action),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

const field = (label, props) => h("label", { class: "field" }, h("span", {}, label), h("input", { class: "input", ...props }));

export function askCustomer() {
  ask({
    title: t("new_customer"),
    action: t("save"),
    fields: [
      field(t("customer_name"), { name: "name", required: true, maxlength: 80, autofocus: true, autocomplete: "off" }),
      field(t("customer_number"), {
        name: "wa_id", required: true, inputmode: "tel", pattern: "[+0-9 ().\\-]{7,24}", placeholder: "+55 11 90000-0009", autocomplete: "off",
      }),
      h("label", { class: "check" }, h("input", { type: "checkbox", name: "hide_number" }), t("hide_number")),
    ],
    send: async ({ name, wa_id, hide_number }) => {
      const made = await post("phones", { name, wa_id, hide_number: hide_number === "on" });
      state.phones.set(made.wa_id, made);
      return () => open(made.wa_id);
    },
  });
}

export function askPlace(hold, more = {}) {
  ask({
    title: t("location"),
    action: t("send"),
    fields: [
      field(t("place_name"), { name: "name", value: "Praça da Sé", maxlength: 100 }),
      field(t("latitude"), { name: "latitude", type: "number", step: "any", min: -90, max: 90, required: true, value: "-23.5503" }),
      field(t("longitude"), { name: "longitude", type: "number", step: "any", min: -180, max: 180, required: true, value: "-46.6339" }),
    ],
    send: ({ name, latitude, longitude }) =>
      hold.write("location", { latitude: Number(latitude), longitude: Number(longitude), ...(name && { name }) }, more),
  });
}

export function askCard(hold, more = {}) {
  ask({
    title: t("contact"),
    action: t("send"),
    fields: [
      field(t("customer_name"), { name: "name", required: true, value: "Emma (demo)", maxlength: 80 }),
      field(t("customer_number"), { name: "phone", required: true, value: "+1 202 555 0105", maxlength: 24 }),
    ],
    send: ({ name, phone }) => {
      const wa_id = phone.replace(/\D/g, "");
      const card = { name: { formatted_name: name, first_name: name.split(" ")[0] }, phones: [{ phone, wa_id, type: "CELL" }] };
      return hold.write("contacts", [card], more);
    },
  });
}

/** The rows of a list message; sending gives the chosen row. */
export function askRow(title, sections, send) {
  const rows = sections.flatMap((section) => section.rows ?? []);
  ask({
    title,
    action: t("send"),
    fields: h(
      "div",
      { class: "row-list", role: "radiogroup", "aria-label": title },
      sections.map((section) => [
        section.title ? h("h3", {}, section.title) : null,
        (section.rows ?? []).map((row) =>
          h(
            "label",
            {},
            h("input", { type: "radio", name: "row", value: row.id, required: true }),
            h("span", {}, row.title, row.description ? h("span", { class: "small" }, ` ${row.description}`) : null),
          ),
        ),
      ]),
    ),
    send: ({ row }) => send(rows.find(({ id }) => id === row)),
  });
}

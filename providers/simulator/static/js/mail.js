// The mailbox page: what the hub mailed, newest first.

import { withLinks } from "./contents.js";
import { h } from "./dom.js";
import { language, loadWords, t } from "./i18n.js";
import { call, connect, get } from "./wire.js";

await loadWords();
document.title = t("mail_title");
const app = document.getElementById("app");
const list = h("div");
const clear = h("button", { class: "button", onclick: () => call("DELETE", "mail.json").then(draw) }, t("mail_clear"));
app.append(
  h("header", {}, h("h1", {}, t("mail_title")), h("span", { class: "demo" }, t("demo")), h("a", { href: "./" }, t("phone")), clear),
  h("p", { class: "small" }, t("mail_intro")),
  list,
);

async function draw() {
  const open = new Set([...list.querySelectorAll("details[open]")].map((details) => details.dataset.id));
  const mails = await get("mail.json");
  clear.disabled = !mails.length;
  list.replaceChildren(...mails.map((mail) => shown(mail, open.has(mail.id))));
  if (!mails.length) list.append(h("p", { class: "empty" }, t("mail_empty")));
}

function shown(mail, open) {
  const when = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" }).format(mail.at * 1000);
  const links = mail.links.length ? h("div", { class: "mail-links" }, h("b", {}, t("mail_links")), mail.links.map((link) => withLinks(link))) : null;
  return h(
    "details",
    { class: "mail", "data-id": mail.id, open },
    h("summary", {}, h("b", {}, mail.subject || t("mail_no_subject")), h("time", {}, when), h("span", { class: "small" }, t("mail_to", { sender: mail.sender, to: mail.to.join(", ") }))),
    h("p", { class: "mail-text" }, withLinks(mail.text)),
    links,
  );
}

connect({ onevent: ({ type }) => type === "mail" && draw(), onopen: draw, onlost: () => {} });
draw();

// A message in a few words, for the list of people and for quotes.

import { t } from "./i18n.js";

/** The first words of a message, or the name of its kind. */
export function inShort(message) {
  if (message.revoked) return t("revoked");
  const { type, body } = message;
  const said = {
    text: () => body.body,
    button: () => body.text,
    template: () => message.preview?.body,
    location: () => body.name,
    contacts: () => body[0]?.name?.formatted_name,
    interactive: () => body.button_reply?.title ?? body.list_reply?.title ?? body.body?.text,
    document: () => body.caption || body.filename,
    image: () => body.caption,
    video: () => body.caption,
  }[type]?.();
  return said || t(`kind_${type}`);
}

/** "Ana (demo)" → "A"; "Customer 0017 (demo)" → "17"; a number → its last digits. */
export function initials(name) {
  const digits = name.match(/\d{2,}/)?.[0];
  const letters = name.match(/\p{L}+/gu);
  if (digits || !letters) return (digits ?? name).slice(-2);
  return letters.slice(0, letters[1] && letters[1] !== "demo" ? 2 : 1).map((word) => word[0].toUpperCase()).join("");
}

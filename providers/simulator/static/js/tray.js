// What will be sent with the next message: files that were chosen, pasted or dropped, each removable.

import { h, icon } from "./dom.js";
import { kindOf } from "./files.js";
import { t } from "./i18n.js";

const MOST = 10;

/** The tray: `add(files, asDocument)`, `take()` empties it, `onchange` hears of both. */
export function tray(onchange) {
  let held = []; // {file, asDocument, address}
  const element = h("ul", { class: "tray", "aria-label": t("tray"), hidden: true });

  const draw = () => {
    element.hidden = !held.length;
    element.replaceChildren(...held.map(chip));
    onchange();
  };
  const chip = (one) => {
    const image = kindOf(one.file, one.asDocument) === "image";
    const remove = () => {
      const place = held.indexOf(one);
      free(one);
      held = held.filter((other) => other !== one);
      draw();
      element.querySelectorAll("button")[Math.min(place, held.length - 1)]?.focus();
    };
    return h(
      "li",
      {},
      image ? h("img", { src: (one.address ??= URL.createObjectURL(one.file)), alt: "" }) : icon("file"),
      h("span", { class: "tray-name" }, one.file.name || t("picture")),
      h("button", { type: "button", class: "icon-button", "aria-label": t("remove", { name: one.file.name }), onclick: remove }, icon("close")),
    );
  };
  const free = (one) => one.address && URL.revokeObjectURL(one.address);
  return {
    element,
    get size() {
      return held.length;
    },
    add(files, asDocument = false) {
      held = [...held, ...[...files].map((file) => ({ file, asDocument }))].slice(0, MOST);
      draw();
    },
    take() {
      const taken = held;
      taken.forEach(free);
      held = [];
      draw();
      return taken;
    },
  };
}

// A picture in full, over everything; the arrows go to the other pictures of the same chat.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

/** Show the picture of this button in a bubble. */
export function view(button) {
  const all = [...button.closest(".messages").querySelectorAll("button.picture")];
  let at = all.indexOf(button);
  const image = h("img", { class: "viewer-image" });
  const caption = h("p", { class: "viewer-caption", role: "status" });
  const save = h("a", { class: "icon-button", download: "", "aria-label": t("download_picture"), title: t("download_picture") }, icon("download"));
  const step = (name, sign, by) => h("button", { type: "button", class: `icon-button step ${name}`, "aria-label": t(name), onclick: () => go(at + by) }, icon(sign));
  const before = step("picture_before", "left", -1);
  const after = step("picture_after", "right", 1);
  const dialog = h(
    "dialog",
    {
      class: "viewer",
      "aria-label": t("kind_image"),
      onclose: () => {
        dialog.remove();
        (all[at]?.isConnected ? all[at] : button).focus();
      },
      onclick: ({ target }) => (target === dialog || target === image.parentElement) && dialog.close(),
      onkeydown: (event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (by) go(at + by);
      },
    },
    h("header", {}, caption, save, h("button", { type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    h("div", { class: "viewer-stage" }, before, image, after),
  );
  const go = (to) => {
    if (!all[to]) return;
    at = to;
    const small = all[at].querySelector("img");
    image.src = save.href = small.src;
    image.alt = small.alt;
    caption.textContent = small.alt;
    before.disabled = at === 0;
    after.disabled = at === all.length - 1;
    before.hidden = after.hidden = all.length < 2;
  };
  go(at);
  document.body.append(dialog);
  dialog.showModal();
}

// The phone page: words, socket, the customers and the phones.

import { desk, fromAddress, restore } from "./desk.js";
import { h } from "./dom.js";
import { loadWords, t } from "./i18n.js";
import { people } from "./people.js";
import { changed, refresh, state, subscribe, take } from "./store.js";
import { connect } from "./wire.js";

await loadWords();
document.title = t("title");
const app = document.getElementById("app");
app.append(h("h1", { class: "visually-hidden" }, t("title")), people(), desk());

const socket = connect({
  onevent: take,
  onopen: () => {
    state.connected = true;
    refresh();
  },
  onlost: () => {
    state.connected = false;
    changed("connection");
  },
});

/** Tell the simulator what is before the reader's eyes: that is what "read" means. */
let told = "{}";
function tellLook() {
  const seen = document.hidden ? [] : state.holds.filter((hold) => hold.seen && hold.wa_id && hold.number);
  const chats = Object.fromEntries(seen.map((hold) => [hold.wa_id, hold.number]));
  const text = JSON.stringify(chats);
  if (text !== told) socket.look(chats);
  told = text;
}

subscribe((what) => {
  app.dataset.view = state.view;
  if (what === "desk" || what === "people") tellLook();
});
document.addEventListener("visibilitychange", () => changed("desk"));
// A file that misses the phones must not take the page away.
for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());
addEventListener("popstate", () => fromAddress());
restore();

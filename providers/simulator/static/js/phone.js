// The phone page: words, socket, two columns.

import { loadWords, t } from "./i18n.js";
import { people } from "./people.js";
import { changed, choose, refresh, state, subscribe, take } from "./store.js";
import { thread } from "./thread.js";
import { connect } from "./wire.js";

await loadWords();
document.title = t("title");
const app = document.getElementById("app");
app.append(people(), thread());

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
let told = null;
function tellLook() {
  const seen = !document.hidden && state.wa_id && state.number ? [state.wa_id, state.number] : null;
  if (told && (!seen || seen[0] !== told[0])) socket.look(told[0], null);
  if (seen && (seen[0] !== told?.[0] || seen[1] !== told?.[1])) socket.look(...seen);
  told = seen;
}

function fromAddress() {
  const [wa_id, number] = location.hash.slice(1).split("/");
  if ((wa_id || null) !== state.wa_id) choose(wa_id || null, number || state.number);
}

subscribe((what) => {
  app.dataset.view = state.wa_id ? "thread" : "people";
  if (what !== "typing") tellLook();
});
document.addEventListener("visibilitychange", tellLook);
addEventListener("popstate", fromAddress);
app.dataset.view = "people";
fromAddress();

// A morning's customers: bring them, set their rate, pause and end them, and see how they fare.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { refresh, state, subscribe } from "./store.js";
import { call } from "./wire.js";

const RATES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 240, 300, 400, 500, 600];
const goes = () => ["running", "paused"].includes(state.crowd?.state);
const place = (rate) => RATES.reduce((best, one, i) => (Math.abs(one - rate) < Math.abs(RATES[best] - rate) ? i : best), 0);

/** The section above the customers; it renders itself on "crowd". */
export function crowd() {
  const sum = h("span", { class: "small crowd-sum" });
  const button = h("button", { type: "button", class: "crowd-open", "aria-expanded": "false", "aria-controls": "crowd", onclick: () => unfold(body.hidden) }, icon("crowd"), h("b", {}, t("crowd")), sum, icon("open"));
  const rate = h("input", { type: "range", min: "0", max: String(RATES.length - 1), step: "1", value: String(place(20)), "aria-label": t("crowd_rate"), oninput: () => drawRate(), onchange: () => goes() && act("PATCH", { rate: RATES[rate.value] }) });
  const rateText = h("output", { class: "crowd-rate" });
  const number = (name, props) => h("label", { class: "field" }, h("span", {}, t(name)), h("input", { class: "input", type: "number", name, step: "1", ...props }));
  const seed = number("crowd_seed", { min: 0, max: 2 ** 53, value: "1", required: true });
  const most = number("crowd_customers", { min: 1, max: 1000, placeholder: t("crowd_auto") });
  const minutes = number("crowd_minutes", { min: 1, max: 120, value: "10", required: true });
  const why = h("p", { class: "notice bad", role: "alert", hidden: true });
  const held = h("p", { class: "notice", role: "status", hidden: true });
  const bring = h("button", { class: "button main" }, t("crowd_bring"));
  const form = h(
    "form",
    {
      class: "crowd-form",
      onsubmit: (event) => {
        event.preventDefault();
        const [seedValue, customers, time] = [seed, most, minutes].map((one) => one.querySelector("input").valueAsNumber);
        act("POST", { seed: seedValue, minutes: time, rate: RATES[rate.value], ...(customers > 0 && { customers }) });
      },
    },
    h("p", { class: "small" }, t("crowd_intro")),
    h("div", { class: "crowd-fields" }, seed, most, minutes),
    bring,
  );
  const count = (name) => {
    const value = h("dd");
    return { element: h("div", {}, h("dt", {}, t(name)), value), set: (n) => (value.textContent = new Intl.NumberFormat(document.documentElement.lang).format(n)) };
  };
  const [sent, answered, waiting] = ["crowd_sent", "crowd_answered", "crowd_waiting"].map(count);
  const pause = h("button", { type: "button", class: "button", onclick: () => act("PATCH", { paused: state.crowd.state === "running" }) });
  const stop = h("button", { type: "button", class: "button", onclick: () => act("DELETE") }, icon("stop"), t("crowd_stop"));
  const more = h("p", { class: "small" });
  const steer = h("div", { class: "crowd-steer" }, h("dl", { class: "crowd-counts" }, sent.element, answered.element, waiting.element), more, held, h("div", { class: "crowd-buttons" }, pause, stop));
  const body = h("div", { id: "crowd", class: "crowd-body", hidden: true }, h("label", { class: "crowd-slider" }, h("span", { class: "small" }, t("crowd_rate")), rate, rateText), steer, form, why);

  const unfold = (wide) => {
    body.hidden = !wide;
    button.setAttribute("aria-expanded", String(wide));
  };
  const act = async (method, value) => {
    why.hidden = true;
    try {
      await call(method, "crowd", value); // the socket tells what came of it, newer than the answer
    } catch (error) {
      why.hidden = false;
      why.textContent = t("failed", { why: error.message });
      refresh();
    }
  };
  const drawRate = () => {
    const shown = document.activeElement === rate || !goes() ? RATES[rate.value] : Math.round(state.crowd.plan.rate);
    rateText.textContent = t("crowd_per_minute", { rate: shown });
    rate.setAttribute("aria-valuetext", rateText.textContent);
  };
  const drawTime = () => {
    if (!goes()) return;
    const left = Math.max(0, state.crowd.seconds_left - (performance.now() - state.crowd.came_at) / 1000);
    const clock = `${Math.floor(left / 60)}:${String(Math.floor(left % 60)).padStart(2, "0")}`;
    sum.textContent = state.crowd.state === "paused" ? `${t("crowd_paused")} · ${clock}` : clock;
  };
  let before = "none";
  const draw = () => {
    const { crowd: now } = state;
    const going = goes();
    if (going && !["running", "paused"].includes(before)) {
      if (before === "none" || !body.hidden) unfold(true);
      rate.value = String(place(now.plan.rate));
    }
    const hadFocus = body.contains(document.activeElement) && before !== now.state && document.activeElement !== rate;
    before = now.state;
    steer.hidden = now.state === "none";
    form.hidden = going;
    for (const one of [pause, stop]) one.hidden = !going;
    sent.set(now.sent);
    answered.set(now.answered);
    waiting.set(now.waiting);
    more.textContent = t(going ? "crowd_more" : "crowd_over", { came: now.came, minute: now.last_minute });
    const names = now.state === "paused" ? ["play", "crowd_resume"] : ["pause", "crowd_pause"];
    if (pause.dataset.name !== names[1]) pause.replaceChildren(icon(names[0]), t(names[1]));
    pause.dataset.name = names[1];
    held.hidden = !now.held;
    held.textContent = now.held ? t("crowd_held") : "";
    if (!going) sum.textContent = now.state === "over" ? t("crowd_ended") : "";
    if (document.activeElement !== rate && going) rate.value = String(place(now.plan.rate));
    drawRate();
    drawTime();
    if (hadFocus && document.activeElement === document.body) (going ? pause : bring).focus();
  };
  subscribe((what) => what === "crowd" && draw());
  setInterval(drawTime, 1000);
  drawRate();
  return h("section", { class: "crowd", "aria-label": t("crowd") }, button, body);
}

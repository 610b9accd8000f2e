// The words of the page: one catalogue, chosen by the browser's languages or by ?lang=.

const KNOWN = { en: "en", pt: "pt-BR", es: "es" };
let words = {};
export let language = "en";

/** Load the catalogue; before this, `t` gives keys. */
export async function loadWords() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, ...navigator.languages].filter(Boolean).map((tag) => KNOWN[tag.slice(0, 2).toLowerCase()]);
  language = wanted.find(Boolean) ?? "en";
  words = await (await fetch(`static/i18n/${language}.json`)).json();
  document.documentElement.lang = language;
}

/** The text for a key, with {names} filled in. */
export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const clockTime = (seconds) =>
  new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(seconds * 1000);

export function dayName(seconds) {
  const day = new Date(seconds * 1000);
  const start = (date) => new Date(date).setHours(0, 0, 0, 0);
  const ago = Math.round((start(Date.now()) - start(day)) / 86_400_000);
  if (ago === 0) return t("today");
  if (ago === 1) return t("yesterday");
  return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(day);
}

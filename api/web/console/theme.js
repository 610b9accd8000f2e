// Sets the kept theme and accent before the first paint, so that nothing flashes, and has the texts fetched beside the scripts.
(() => {
  const kept = (name) => {
    try { return JSON.parse(localStorage.getItem(`switchboard.${name}`)); } catch { return null; } // the page does without
  };
  const theme = kept('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  const brand = kept('brand');
  if (brand) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(brand);
    document.adoptedStyleSheets = [sheet];
  }
  // As i18n.js chooses; where it chooses otherwise, the texts only come later.
  const tags = { en: 'en', pt: 'pt-BR', es: 'es' };
  const wished = [kept('locale'), ...navigator.languages].map((tag) => tags[String(tag).slice(0, 2).toLowerCase()]);
  const href = new URL(`../shared/i18n/${wished.find(Boolean) ?? 'en'}.json`, document.currentScript.src).href;
  document.head.append(Object.assign(document.createElement('link'),
    { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href }));
})();

// Sets the kept theme and accent before the first paint; runs as a classic script so that nothing flashes.
(() => {
  try {
    const theme = JSON.parse(localStorage.getItem('switchboard.theme'));
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
    const brand = JSON.parse(localStorage.getItem('switchboard.brand'));
    if (!brand) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(brand);
    document.adoptedStyleSheets = [sheet];
  } catch {
    // Without storage the page follows the system.
  }
})();

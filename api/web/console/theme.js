// Sets the kept theme before the first paint; runs as a classic script so that nothing flashes.
(() => {
  try {
    const theme = JSON.parse(localStorage.getItem('switchboard.theme'));
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Without storage the page follows the system.
  }
})();

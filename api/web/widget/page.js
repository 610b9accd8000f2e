/* Which page of the website the visitor looks at, told to the agents where the company asks for it and the visitor agrees. */

const SETTLES = 300; // ms until a page that changes its address has changed its title too

/** `tell(page)` gives whether it left. `again()` says the page anew: after a reconnect, or when this tab is looked at. */
export function pageSign(tell) {
  let told = '';
  let timer = 0;

  function say() {
    if (document.hidden) return;
    // Without query and fragment, which may hold what is nobody's business.
    const page = { url: (location.origin + location.pathname).slice(0, 2000), title: document.title.slice(0, 200) };
    const mark = `${page.url} ${page.title}`;
    if (mark !== told && tell(page)) told = mark;
  }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(say, SETTLES);
  }
  function again() {
    told = '';
    later();
  }

  addEventListener('popstate', later);
  window.navigation?.addEventListener('currententrychange', later);
  document.addEventListener('visibilitychange', again);
  const title = document.querySelector('title');
  if (title) new MutationObserver(later).observe(title, { childList: true });
  return { again };
}

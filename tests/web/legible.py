"""Whether everything on a page can be read: no cut words, nothing outside the window, nothing over something else."""

from playwright.async_api import Page

# What is scrolled on purpose, shortened with an ellipsis and told in full elsewhere, or only for screen readers.
_FAULTS = """(within) => {
    const faults = [];
    const name = (one) => `${one.tagName.toLowerCase()}.${[...one.classList].join('.')} `
        + `"${one.textContent.trim().slice(0, 40)}"`;
    const hidden = (one) => one.closest('.sr-only, [aria-hidden="true"], kbd')
        || !one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const scrolls = (one) => { for (let up = one.parentElement; up; up = up.parentElement) {
        const { overflowX } = getComputedStyle(up);
        if (overflowX === 'auto' || overflowX === 'scroll') return true; } return false; };
    // Below or above what its box shows now; turning the wheel brings it.
    const clipped = (one, { top, height }) => { for (let up = one.parentElement; up; up = up.parentElement) {
        const { overflowY } = getComputedStyle(up);
        const shows = up.getBoundingClientRect();
        const middle = top + height / 2;
        if (/auto|scroll/.test(overflowY) && (middle < shows.top || middle > shows.bottom)) return true; }
        return false; };
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) faults.push(`the page is ${scrollWidth} wide`);
    for (const one of document.querySelector(within).querySelectorAll('*')) {
        const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!words || hidden(one) || one.matches('option, textarea, code')) continue;
        const style = getComputedStyle(one);
        const place = one.getBoundingClientRect();
        if (place.width === 0 || place.bottom < 0 || place.top > innerHeight) continue;
        const shortened = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
        if (!shortened && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1 && style.display !== 'inline') {
            faults.push(`${name(one)}: ${one.scrollWidth} of ${one.clientWidth}`);
        }
        if (!scrolls(one) && (place.left < -1 || place.right > innerWidth + 1)) faults.push(`${name(one)}: outside`);
        if (!one.matches('button, a, label') || clipped(one, place)) continue;
        const there = document.elementFromPoint(place.left + place.width / 2, place.top + place.height / 2);
        if (there && !one.contains(there) && !there.contains(one)
            && !there.closest('dialog, [popover], .let-in, .banner, .notices, .to-latest, .messages, .composer')) {
            faults.push(`${name(one)}: under ${name(there)}`);
        }
    }
    return faults;
}"""


async def faults(page: Page, within: str = "body") -> list[str]:
    """One line for each place that cannot be read."""
    found: list[str] = await page.evaluate(_FAULTS, within)
    return found

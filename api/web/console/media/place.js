// A location as a drawn card: no map service is asked, so the streets are only a picture; the pin opens elsewhere.
import { html } from '../../shared/html.js';
import { number, t } from '../../shared/i18n.js';
import { Copy } from '../components/copy_button.js';

const WIDE = 280;
const HIGH = 120;

export function Place({ place }) {
  const latitude = Number(place.latitude);
  const longitude = Number(place.longitude);
  const known = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  const degrees = (value) => number(value, { minimumFractionDigits: 5, maximumFractionDigits: 5 });
  const spot = `${degrees(latitude)}; ${degrees(longitude)}`;
  const where = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return html`<div class="card place">
    <${Drawing} seed=${known ? Math.round((latitude + 90) * 2000) * 7919 + Math.round((longitude + 180) * 2000) : 1}/>
    <span class="card-words"><b dir="auto">${place.name || t('kind.location')}</b>
      ${place.address && html`<span dir="auto">${place.address}</span>`}
      ${known && html`<span class="place-spot"><${Copy} text=${`${latitude},${longitude}`} label=${spot}>${spot}<//>
        <a href=${where} target="_blank" rel="noopener noreferrer">${t('place.open')}</a></span>`}</span></div>`;
}

/** Blocks and streets that look the same each time for the same spot. */
function Drawing({ seed }) {
  let state = seed >>> 0 || 1;
  const next = (most) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return (state >>> 8) % most; };
  const tilt = next(40) - 20;
  const lines = (count, size, along) => Array.from({ length: count }, (_, index) => {
    const at = Math.round((index + 0.5) * (size / count)) + next(14) - 7;
    return along ? `M-60 ${at}H${WIDE + 60}` : `M${at} -80V${HIGH + 80}`;
  }).join('');
  const river = `M-40 ${20 + next(80)}C${60 + next(60)} ${next(HIGH)} ${140 + next(60)} ${next(HIGH)} ${WIDE + 40} ${20 + next(80)}`;
  const park = { x: 20 + next(180), y: 12 + next(60), width: 36 + next(40), height: 26 + next(24) };
  return html`<svg class="place-map" viewBox=${`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="xMidYMid slice" aria-hidden="true">
    <g transform=${`rotate(${tilt} ${WIDE / 2} ${HIGH / 2})`}>
      <rect class="map-park" x=${park.x} y=${park.y} width=${park.width} height=${park.height} rx="4"></rect>
      <path class="map-water" d=${river}></path>
      <path class="map-street" d=${lines(6, HIGH + 60, true) + lines(9, WIDE + 60, false)}></path>
      <path class="map-road" d=${lines(1, HIGH, true) + lines(1, WIDE, false)}></path></g>
    <g class="map-pin" transform=${`translate(${WIDE / 2} ${HIGH / 2})`}>
      <path d="M0 0C-4 -8 -12 -13 -12 -22A12 12 0 1 1 12 -22C12 -13 4 -8 0 0Z"></path><circle cy="-22" r="4.5"></circle></g>
  </svg>`;
}

// Where I am signed in, and ending it there: at once, because the open page hears of it.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, shortDate, span, t } from '../../shared/i18n.js';
import { del, get, Problem } from '../core/api.js';
import { secondsSince } from '../core/clock.js';
import { notify } from '../store/announce.js';
import { Confirm, Head, Loaded, Part, useLoad } from './page.js';

const JUST_NOW = 300;

export function Page() {
  const load = useLoad(async () => (await get('/auth/sessions')).results);
  const [asking, setAsking] = useState(false);
  const drop = (ids) => load.put((all) => all.filter((one) => !ids.includes(one.id)));
  const end = async (one) => {
    const before = load.data;
    drop([one.id]);
    try {
      await del(`/auth/sessions/${one.id}`);
      notify(t('sessions.ended'), 'good');
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status !== 404) { load.put(before); notify(problem.message); }
    }
  };
  const others = (load.data ?? []).filter((one) => !one.current);
  const endOthers = async () => {
    for (const one of others) {
      await del(`/auth/sessions/${one.id}`).catch((problem) => { if (problem.status !== 404) throw problem; });
      drop([one.id]);
    }
  };
  return html`<${Head} title=${t('place.sessions')} intro=${t('sessions.intro')}>
      ${others.length > 0 && html`<button type="button" class="button" name="end_others"
          onClick=${() => setAsking(true)}>${t('sessions.end_others')}</button>`}<//>
    <${Part}><${Loaded} load=${load}>${(all) => html`<ul class="set-list" role="list">
      ${all.map((one) => html`<${Device} key=${one.id} one=${one} onEnd=${() => end(one)}/>`)}</ul>
      ${others.length === 0 && html`<p class="hint">${t('sessions.only')}</p>`}`}<//><//>
    ${asking && html`<${Confirm} title=${t('sessions.end_others')} label=${t('sessions.end_others')}
        words=${t('sessions.end_words', { count: others.length })} act=${endOthers} onClose=${() => setAsking(false)}
        onDone=${() => notify(t('sessions.others_ended'), 'good')}/>`}`;
}

function Device({ one, onEnd }) {
  const { browser, system, phone } = named(one.user_agent);
  const name = browser && system ? t('sessions.device', { browser, system }) : browser || one.user_agent || t('sessions.unknown');
  const age = secondsSince(one.last_seen_at);
  return html`<li class="set-row"><${Icon} name=${phone ? 'phone' : 'device'} size=${24}/>
    <div class="set-row-main"><strong title=${one.user_agent}>${name}</strong>
      <span class="hint">${one.current ? html`<span class="health ok">${t('sessions.current')}</span> ` : ''}${one.ip} ·
        ${' '}<time title=${exactTime(one.last_seen_at)}>${age < JUST_NOW ? t('sessions.now')
          : t('sessions.seen', { time: span(age) })}</time> ·
        ${' '}${t('sessions.since', { time: shortDate(one.created_at) })}</span></div>
    ${!one.current && html`<button type="button" class="button small" aria-label=${t('sessions.end_named', { name })}
        onClick=${onEnd}>${t('sessions.end')}</button>`}</li>`;
}

/** What a User-Agent says of itself, as far as it can be believed. */
function named(agent = '') {
  const first = (pairs) => pairs.find(([mark]) => mark.test(agent))?.[1] ?? '';
  return {
    browser: first([[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/SamsungBrowser/, 'Samsung Internet'],
      [/Chrom(e|ium)\//, 'Chrome'], [/Safari\//, 'Safari'], [/curl\//, 'curl'], [/python/i, 'Python']]),
    system: first([[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'],
      [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']]),
    phone: /Mobi|Android|iPhone/.test(agent),
  };
}

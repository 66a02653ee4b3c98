// Shows /api/v1/overview as it comes. Whatever comes from the orgs is written as text, never as markup.
'use strict';

const byId = id => document.getElementById(id);
let token = sessionStorage.getItem('token') ?? '';
let lastHeard = 0;
let listening;

function element(name, attributes = {}, ...children) {
  const made = name === 'svg' || name === 'path' || name === 'title' ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter(child => child !== undefined && child !== null).map(child => child instanceof Node ? child : String(child)));
  return made;
}

const number = value => value === null || value === undefined ? '–' : value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 });
const moment = text => text ? new Date(/Z|[+-]\d\d:\d\d$/.test(text) ? text : text + 'Z').toISOString().replace('T', ' ').slice(0, 19) : '–';

function duration(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  const units = [[86400, 'd', 5], [3600, 'h', 2], [60, 'min', 2]];
  for (const [size, name, least] of units) if (Math.abs(seconds) >= size * least) return `${number(Math.floor(seconds / size))} ${name}`;
  return `${number(Math.round(seconds * 10) / 10)} s`;
}

const tones = { streaming: 'good', standby: '', starting: '', snapshotting: '', catching_up: '', repairing: 'warn', paused: 'warn', degraded: 'warn', failed: 'bad' };
const badge = (text, tone) => element('span', { class: `badge ${tone ?? ''}` }, text.replace('_', ' '));

function figure(name, value, tone) {
  return element('div', { class: tone }, element('dt', {}, name), element('dd', {}, value));
}

function chart(title, values, unit) {
  const known = values.filter(v => v !== null);
  const most = Math.max(0, ...known);
  const last = known.length ? known[known.length - 1] : null;
  const words = known.length ? `at most ${number(most)}${unit}, last ${number(last)}${unit}` : 'nothing yet';
  const width = Math.max(values.length - 1, 1);
  let path = '';
  values.forEach((value, i) => {
    if (value === null) return;
    path += `${path === '' || values[i - 1] === null ? 'M' : 'L'}${i} ${(100 - (most > 0 ? value / most : 0) * 96).toFixed(1)}`;
    if ((i === 0 || values[i - 1] === null) && (i + 1 === values.length || values[i + 1] === null)) path += 'h0.4';
  });
  return element('figure', {},
    element('figcaption', {}, `${title}, last ${duration(values.length * 10)}: ${words}`),
    element('svg', { class: 'chart', viewBox: `0 0 ${width} 101`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${title}: ${words}` }, element('path', { d: path })));
}

function table(caption, columns, rows) {
  const head = element('tr', {}, ...columns.map(c => element('th', { scope: 'col', class: c.number ? 'number' : null }, c.name)));
  const body = rows.map(row => element('tr', {}, ...columns.map((c, i) => {
    const shown = c.of(row);
    return element(i === 0 ? 'th' : 'td', { scope: i === 0 ? 'row' : null, class: c.number ? 'number' : c.long ? 'long' : null }, shown instanceof Node ? shown : shown ?? '–');
  })));
  return element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, element('table', {}, element('caption', {}, caption), element('thead', {}, head), element('tbody', {}, ...body)));
}

function channelFigures(channel, several) {
  const of = several ? ` of ${channel.channel}` : '';
  const expires = channel.expiresInSeconds;
  return [
    figure(`Stream${of}`, channel.isConnected === null ? '–' : channel.isConnected ? 'connected' : 'not connected', channel.isConnected === false ? 'bad' : ''),
    figure(`Behind${of}`, duration(channel.lagSeconds), channel.lagSeconds > 60 ? 'warn' : ''),
    figure(`Silent for${of}`, duration(channel.silentSeconds), channel.silentSeconds > 300 ? 'bad' : ''),
    figure(`Position expires in${of}`, duration(expires), expires !== null && expires < 21600 ? 'bad' : expires !== null && expires < 86400 ? 'warn' : ''),
  ];
}

function gauge(name, spent, forecast, limit, unit) {
  const id = `gauge-${name}`.replace(/\W/g, '-');
  return element('div', {}, element('label', { for: id }, `${name}: ${number(spent)} of ${number(limit)} ${unit}, forecast ${number(forecast)}`, forecast > limit ? ' ' : '', forecast > limit ? badge('over the limit', 'bad') : ''),
    element('progress', { id, max: Math.max(limit, 1), value: Math.min(spent, limit) }));
}

const headers = more => ({ ...(token ? { Authorization: `Bearer ${token}` } : {}), ...more });

// What was done, or why not, is said where it is read aloud.
async function act(name, path) {
  const said = byId('said');
  said.textContent = `${name} …`;
  try {
    const answer = await fetch(`api/v1/orgs/${path}`, { method: 'POST', headers: headers(), cache: 'no-store' });
    said.textContent = answer.ok ? `${name}: done` : `${name}: ${await detailOf(answer)}`;
  } catch (failure) {
    said.textContent = `${name}: the worker does not answer (${failure.message})`;
  }
  parked.clear();
}

const button = (name, label, path, sure) => element('button', { type: 'button', class: 'small', 'aria-label': label, click: () => { if (!sure || confirm(sure)) act(label, path); } }, name);

// By org: what is in quarantine, as it was when its number was this.
const parked = new Map();

function quarantine(o) {
  const known = parked.get(o.name);
  if (known?.count !== o.quarantined) {
    parked.set(o.name, { count: o.quarantined, events: known?.events ?? [] });
    fetch(`api/v1/orgs/${encodeURIComponent(o.name)}/quarantine`, { headers: headers(), cache: 'no-store' })
      .then(answer => answer.ok ? answer.json() : { events: [] })
      .then(found => parked.set(o.name, { count: o.quarantined, events: found.events }))
      .catch(() => parked.delete(o.name));
  }
  const events = parked.get(o.name)?.events ?? [];
  if (!events.length) return null;
  const path = e => `${encodeURIComponent(o.name)}/quarantine/${e.id}`;
  return table(`In quarantine of ${o.name}`, [
    { name: 'Id', of: e => e.id }, { name: 'Object', of: e => e.object }, { name: 'Why', of: e => e.reason, long: true }, { name: 'Since', of: e => moment(e.at) },
    { name: 'Fetched instead', of: e => e.fetch },
    { name: 'Act', of: e => element('span', {}, button('Retry', `Retry event ${e.id}`, `${path(e)}/retry`), button('Drop', `Drop event ${e.id}`, `${path(e)}/drop`, `Drop event ${e.id}? It is not retried any more.`)) },
  ], events);
}

function org(o) {
  const titleId = `org-${o.name}`;
  const card = element('section', { class: 'card', 'aria-labelledby': titleId },
    element('div', { class: 'title' }, element('h2', { id: titleId }, o.name), badge(o.state, tones[o.state]), element('span', {}, o.orgId ?? ''),
      o.state === 'paused' ? button('Resume', `Resume ${o.name}`, `${encodeURIComponent(o.name)}/resume`)
        : button('Pause', `Pause ${o.name}`, `${encodeURIComponent(o.name)}/pause`, `Pause ${o.name}? Nothing of it is received until it is resumed; Salesforce keeps events for 72 hours.`)),
    o.reasons.length ? element('ul', { class: 'reasons' }, ...o.reasons.map(r => element('li', {}, r))) : null,
    element('dl', { class: 'figures' },
      figure('Events a second', number(o.eventsPerSecond)),
      ...o.channels.flatMap(c => channelFigures(c, o.channels.length > 1)),
      figure('Open gaps', number(o.openGaps), o.openGaps > 0 ? 'warn' : ''),
      figure('Open repairs', number(o.openRepairs), o.openRepairs > 0 ? 'warn' : ''),
      figure('Quarantined', number(o.quarantined), o.quarantined > 0 ? 'bad' : ''),
      figure('Torn transactions', number(o.tornTransactions))),
    o.rates.length ? element('div', { class: 'charts' }, chart('Events a second', o.rates, ''), chart('Longest lag', o.lags, ' s')) : null,
    o.budget ? element('h3', {}, 'Budgets') : null,
    o.budget ? gauge(`API calls of ${o.name} this month`, o.budget.spent, o.budget.forecast, o.budget.limit, 'calls') : null,
    o.budget ? gauge(`Events delivered to ${o.name} in 24 hours`, o.budget.delivered.last24Hours, o.budget.delivered.forecast, o.budget.delivered.allowance, 'events') : null);
  if (o.knownGaps.length) {
    card.append(table(`Known to be missing of ${o.name}`, [
      { name: 'Object', of: g => g.object ?? 'all' }, { name: 'What', of: g => badge(g.what, 'warn') }, { name: 'Why', of: g => g.reason, long: true },
      { name: 'Since', of: g => moment(g.since) }, { name: 'Age', of: g => duration(g.ageSeconds), number: true }, { name: 'Records', of: g => number(g.records), number: true },
      { name: 'What is done', of: g => g.doing, long: true }, { name: 'Next try', of: g => moment(g.nextAt) },
      { name: 'Act', of: g => g.what === 'repair' && g.object ? button('Repair now', `Repair ${g.object} of ${o.name} now`, `${encodeURIComponent(o.name)}/objects/${encodeURIComponent(g.object)}/repair`) : '' },
    ], o.knownGaps));
  }
  const held = o.quarantined ? quarantine(o) : null;
  if (held) card.append(held);
  if (o.objects.length) {
    card.append(table(`Objects of ${o.name}`, [
      { name: 'Object', of: x => x.object }, { name: 'State', of: x => x.reading ?? (x.reason ? `${x.state}: ${x.reason}` : x.state), long: true },
      { name: 'Rows', of: x => number(x.rows), number: true }, { name: 'Last commit', of: x => moment(x.lastCommitAt) }, { name: 'Schema', of: x => x.schemaId },
      { name: 'Proven up to', of: x => moment(x.provenAt) }, { name: 'Differed', of: x => number(x.differing), number: true },
      { name: 'Missing', of: x => x.gaps ? badge(number(x.gaps), 'warn') : '0', number: true },
    ], o.objects));
  }
  return card;
}

function entry(e) {
  const details = Object.entries(e.details).filter(d => d[1] !== null);
  return element('li', {},
    element('p', {}, badge(e.what), ' ', e.at ? moment(e.at) : '', e.number === null ? '' : ` number ${number(e.number)}`),
    details.length ? element('dl', {}, ...details.map(d => element('div', {}, element('dt', {}, d[0]), element('dd', {}, d[1])))) : null);
}

function show(overview) {
  lastHeard = Date.now();
  byId('version').textContent = `SalesforceSync ${overview.version}`;
  const focused = document.activeElement?.closest('#orgs') ? document.activeElement.getAttribute('aria-label') : null;
  const scrolled = new Map([...document.querySelectorAll('#orgs .scroll')].map(s => [s.getAttribute('aria-label'), s.scrollLeft]));
  byId('orgs').replaceChildren(
    ...(overview.trouble ? [element('p', { role: 'alert' }, `Postgres: ${overview.trouble}`)] : []),
    ...(overview.orgs.length ? overview.orgs.map(org) : [element('p', {}, 'No org yet.')]));
  for (const region of document.querySelectorAll('#orgs .scroll')) {
    region.scrollLeft = scrolled.get(region.getAttribute('aria-label')) ?? 0;
  }
  if (focused) [...document.querySelectorAll('#orgs [aria-label]')].find(e => e.getAttribute('aria-label') === focused)?.focus({ preventScroll: true });
  const names = overview.orgs.map(o => o.name);
  const select = byId('life-org');
  if ([...select.options].map(o => o.value).join() !== names.join()) select.replaceChildren(...names.map(n => element('option', { value: n }, n)));
  byId('life').hidden = names.length === 0;
  byId('token-form').hidden = true;
}

async function listen() {
  listening?.abort();
  listening = new AbortController();
  const mine = listening;
  while (!mine.signal.aborted) {
    try {
      const answer = await fetch('api/v1/overview', { headers: headers({ Accept: 'text/event-stream' }), signal: mine.signal, cache: 'no-store' });
      if ([401, 403, 429].includes(answer.status)) return askForToken(await detailOf(answer));
      if (!answer.ok) throw new Error(await detailOf(answer));
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let held = ''; ;) {
        const { value, done } = await reader.read();
        if (done) break;
        held += value;
        for (let end; (end = held.indexOf('\n\n')) >= 0; held = held.slice(end + 2)) show(JSON.parse(held.slice(held.indexOf('data: ') + 6, end)));
      }
    } catch (failure) {
      if (mine.signal.aborted) return;
    }
    await new Promise(done => setTimeout(done, 2000));
  }
}

async function detailOf(answer) {
  try { return (await answer.json()).detail ?? answer.statusText; } catch { return answer.statusText; }
}

function askForToken(why) {
  byId('token-form').hidden = false;
  byId('token-fault').textContent = token ? why : '';
  byId('orgs').replaceChildren();
  byId('life').hidden = true;
}

byId('token-form').addEventListener('submit', event => {
  event.preventDefault();
  token = byId('token').value;
  sessionStorage.setItem('token', token);
  byId('token').value = '';
  listen();
});

byId('life-form').addEventListener('submit', async event => {
  event.preventDefault();
  const fault = byId('life-fault');
  fault.textContent = '';
  byId('life-entries').replaceChildren(element('p', { role: 'status' }, 'Reading the stored events …'));
  try {
    const path = `api/v1/orgs/${encodeURIComponent(byId('life-org').value)}/records/${encodeURIComponent(byId('life-id').value.trim())}/life`;
    const answer = await fetch(path, { headers: headers(), cache: 'no-store' });
    byId('life-entries').replaceChildren();
    if (!answer.ok) { fault.textContent = await detailOf(answer); return; }
    const life = await answer.json();
    byId('life-entries').replaceChildren(element('h3', {}, `${life.object ?? 'Record'} ${life.record}`), element('ol', { class: 'entries' }, ...life.entries.map(entry)));
  } catch (failure) {
    byId('life-entries').replaceChildren();
    fault.textContent = `The worker does not answer: ${failure.message}`;
  }
});

setInterval(() => {
  const silent = (Date.now() - lastHeard) / 1000;
  byId('freshness').textContent = lastHeard === 0 ? '' : silent < 6 ? 'live' : `no word from the worker for ${duration(Math.round(silent))}`;
}, 1000);

listen();

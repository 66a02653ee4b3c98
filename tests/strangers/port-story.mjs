// A port's org, a copy of it made by the program as its operator runs it, and what became of it. Usage: port-story.mjs <program> <Npgsql connection string> <variant as JSON>
// A variant: {seed, steps: of gaps, lost, killed, cut, grow, hide, out, chaos, verify; and how the org answers: members, topics, describe, bulk, lost, skew, ... (see port-rest, port-bulk, port-bus)}.
// Prints a JSON document for each part of the story, and at last {differences, calls, tokens, faults, other, status, verify, budget, exit, took}. Empty differences: the copy equals the org.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Bus } from './port-bus.mjs';
import { Life, randomOf } from './port-life.mjs';
import { Port } from './port-records.mjs';
import { Rest } from './port-rest.mjs';
import { differences } from './port-truth.mjs';

const [program, connection, text = '{}'] = process.argv.slice(2);
const variant = JSON.parse(text);
const steps = variant.steps ?? ['gaps', 'lost', 'grow', 'verify'];
const begun = Date.now(), story = [];
const at = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`;
const tell = document => process.stdout.write(JSON.stringify(document) + '\n');
const say = line => { story.push(`${at()} ${line}`); tell({ at: at(), line }); };

// ---- the org
const session = { orgId: '00DPO000000PoRtMAK', clientId: '3MVG9.port', clientSecret: 'no secret either', tokens: new Set() };
const seen = { tokens: 0, calls: [], other: [], topics: 0, schemas: [], subscriptions: [], faults: [], retrieved: [] };
const random = randomOf(variant.seed ?? 1);
const bus = new Bus({ session, variant, seen });
const port = new Port({ random, skew: variant.skew ?? 0, publish: events => bus.publish(events), foreignGaps: variant.foreignGaps ?? true, enriched: variant.enriched });
const know = object => { bus.schemas.set(object.schema.id, object.schema.json); };
for (const object of port.objects.values()) {
  know(object);
  bus.topics.set(`/data/${object.name.endsWith('__c') ? `${object.name.slice(0, -3)}__ChangeEvent` : `${object.name}ChangeEvent`}`, () => object.schema);
}
const life = new Life(port, random), rest = new Rest({ port, session, variant, seen });
if (variant.describe === 'plain') for (const object of port.objects.values()) object.strip();
life.begin(variant.counts);
session.instance = await rest.start();
const pubsub = await bus.start();

// ---- the copy
const words = Object.fromEntries(connection.split(';').filter(Boolean).map(p => [p.slice(0, p.indexOf('=')).trim().toLowerCase(), p.slice(p.indexOf('=') + 1)]));
const postgres = new pg.Client({ host: words.host, port: Number(words.port ?? 5432), user: words.username, password: words.password, database: words.database });
await postgres.connect();
const folder = mkdtempSync(join(tmpdir(), 'sync-port-'));
const env = {
  ...process.env, ConnectionStrings__Postgres: connection, Orgs__port__LoginUrl: session.instance, Orgs__port__PubSubEndpoint: pubsub, Orgs__port__Auth__ClientId: session.clientId,
  Orgs__port__Auth__ClientSecret: session.clientSecret, Http__Port: '0', ...variant.env,
};
const log = [];
let worker;
const start = () => {
  worker = spawn(program, ['run'], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [worker.stdout, worker.stderr]) stream.on('data', data => { log.push(...String(data).split('\n').filter(Boolean)); if (process.env.TELL === '2') process.stderr.write(data); });
  worker.gone = new Promise(done => worker.on('exit', code => { worker.code = code; done(code); }));
};
const verb = (...args) => new Promise(done => {
  const child = spawn(program, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }), out = [], error = [];
  child.stdout.on('data', d => out.push(d));
  child.stderr.on('data', d => error.push(d));
  child.on('exit', code => {
    let json;
    try { json = JSON.parse(out.join('')); } catch { json = out.join('') + error.join(''); }
    done({ code, json });
  });
});

// ---- what is waited for
const OPEN = `select
  (select string_agg(object || ' ' || coalesce(record_id, '*') || ' ' || reason || ' ' || coalesce(message, ''), '; ') from (select * from salesforce_sync.repair where state = 'open' limit 5) r) as repairs,
  (select string_agg(coalesce(object, '*') || ' ' || evidence::text, '; ') from salesforce_sync.coverage where state = 'gap' and to_event is null) as gaps,
  (select string_agg(object || ' ' || kind || ' ' || state || ' ' || coalesce(message, ''), '; ') from salesforce_sync.read where state in ('waiting', 'reading', 'merging')) as reads,
  (select string_agg(object || ' ' || state, '; ') from salesforce_sync.object where state <> 'copied') as objects,
  (select count(*)::int from salesforce_sync.object where snapshot_at is not null) as shown,
  (select encode(replay_id, 'hex') from salesforce_sync.cursor where stage = 'applied') as applied`;
const open = async () => {
  try {
    const { rows: [found] } = await postgres.query(OPEN);
    const open = ['repairs', 'gaps', 'reads', 'objects'].filter(k => found[k]).map(k => `${k}: ${found[k]}`);
    if (bus.last() && (found.applied ?? '') < bus.last()) open.push(`applied ${found.applied}, not ${bus.last()}`);
    if (found.shown < (variant.expectShown ?? port.objects.size)) open.push(`${found.shown} objects shown`);
    return open;
  } catch (error) {
    return [error.message];
  }
};
const failures = [];
const settled = async (what, patience = variant.patience ?? 40) => {
  const from = Date.now();
  for (let calm = 0; calm < 2;) {
    const left = await open();
    calm = left.length === 0 ? calm + 1 : 0;
    if (worker.code !== undefined && worker.code !== null) { failures.push(`${what}: the worker ended with ${worker.code}`); return; }
    if (Date.now() - from > patience * 1000) { failures.push(`${what}: still open after ${patience} s: ${left.join(' | ')}`); return; }
    await pause(100);
  }
  say(`settled: ${what} (${seen.calls.length} calls)`);
};
const compare = async (what, options) => {
  const found = await differences(postgres, 'port', port, { hard: variant.hard, ...options });
  failures.push(...found.slice(0, 12).map(line => `${what}: ${line}`), ...(found.length > 12 ? [`${what}: and ${found.length - 12} more`] : []));
};
const until = async (what, patience = 60) => {
  for (const from = Date.now(); !what() && Date.now() - from < patience * 1000;) await pause(20);
};

const acts = {
  gaps: async () => { life.gaps(); life.silence(); },
  lost: async () => {
    if (!bus.last()) { life.live(); await settled('first event'); }
    const before = { subscriptions: seen.subscriptions.length + 1 };
    worker.kill('SIGKILL');
    await worker.gone;
    bus.forget();
    life.outage();
    bus.forget();
    say('killed, and its position lost');
    for (let i = 0; i < 5; i++) life.live();
    start();
    await until(() => seen.subscriptions.length > before.subscriptions);
    await pause(300);
    life.live();
  },
  killed: async () => {
    life.gaps();
    await pause(variant.killAfter ?? 3200);
    worker.kill('SIGKILL');
    await worker.gone;
    for (let i = 0; i < 5; i++) life.live();
    start();
  },
  // Anything, at any moment.
  chaos: async () => {
    for (let round = 0; round < (variant.rounds ?? 12); round++) {
      const kind = random(10);
      say(`chaos ${kind}`);
      if (kind < 3) for (let i = 0; i < 4; i++) life.live();
      else if (kind === 3) life.gaps();
      else if (kind === 4) bus.cut();
      else if (kind === 5) life.merge();
      else if (kind === 6) life.silence();
      else if (kind === 9) { bus.down = true; bus.cut(); life.outage(); bus.forget(); life.live(); bus.down = false; }
      else {
        worker.kill('SIGKILL');
        await worker.gone;
        for (let i = 0; i < 3; i++) life.live();
        if (kind === 8) { bus.forget(); life.outage(); bus.forget(); life.live(); }
        start();
      }
      await pause(random(1800));
    }
  },
  // The org's allowance is used up, by whomever: nothing is asked any more, and the stream goes on.
  out: async () => {
    rest.closed = true;
    life.gaps();
    await until(() => false, 7);
    const asked = seen.calls.length;
    for (let i = 0; i < 5; i++) life.live();
    await until(() => false, 7);
    if (seen.calls.length > asked) failures.push(`asked ${seen.calls.length - asked} times more after REQUEST_LIMIT_EXCEEDED: ${seen.calls.slice(asked)}`);
    const left = (await open()).filter(line => line.startsWith('applied'));
    failures.push(...left);
    const { json } = await verb('budget', '--org', 'port', '--json');
    if (!json.orgs?.[0].closedUntil) failures.push(`budget does not say until when: ${JSON.stringify(json)}`);
  },
  hide: async () => {
    const object = port.objects.get('Account');
    object.hidden.add('Phone');
    say(`hidden: ${JSON.stringify((await verb('verify', '--org', 'port', '--object', 'Account', '--json')).json)}`);
    const { json } = await verb('status', '--json');
    if (json.orgs?.[0].objects.find(o => o.object === 'Account')?.state !== 'frozen') failures.push(`a hidden field is not noticed: ${JSON.stringify(json)}`);
    for (let i = 0; i < 5; i++) life.live();
    object.hidden.delete('Phone');
    say(`shown: ${JSON.stringify((await verb('verify', '--org', 'port', '--object', 'Account', '--json')).json)}`);
  },
  cut: async () => { for (let i = 0; i < 6; i++) { life.live(); bus.cut(); await pause(50); } },
  grow: async () => { life.grow(); know(port.objects.get('Vessel__c')); },
};

start();
await until(() => seen.calls.some(c => c.startsWith('POST jobs/query')) || worker.code !== undefined);
for (let i = 0; i < (variant.during ?? 20); i++) { life.live(); await pause(25); }
await settled('snapshot');
const snapshotCalls = [...seen.calls];
await compare('snapshot');
const result = {};
for (const step of steps) {
  if (step === 'verify') {
    life.silence();
    result.verify = await verb('verify', '--org', 'port', '--all', '--json');
    await settled('verify');
    await compare('verify');
    continue;
  }
  const before = seen.calls.length;
  await acts[step]();
  if (step === 'out') continue;
  await settled(step);
  result[step] = seen.calls.length - before;
  await compare(step, { tolerant: true });
}
result.status = await verb('status', '--json');
if (worker.code === undefined) { worker.kill('SIGTERM'); }
result.exit = await worker.gone;
// Now that nobody asks any more: a while after a delete the worker looks at its children again, whatever is being told meanwhile.
result.budget = await verb('budget', '--org', 'port', '--json');
const { rows: [torn] } = await postgres.query('select torn::int from salesforce_sync.org').catch(() => ({ rows: [{}] }));
tell({
  differences: failures, took: at(), story, snapshotCalls, calls: seen.calls.length, tokens: seen.tokens, faults: seen.faults, other: seen.other, retrieved: seen.retrieved, torn: torn.torn, subscriptions: seen.subscriptions,
  ...result, log: process.env.LOG ? log : failures.length ? log.filter(l => /Warning|Error|"WRN"|"ERR"|warn/i.test(l)).slice(-15) : [], ...(process.env.CALLS ? { allCalls: seen.calls } : {}),
});
await postgres.end();
rest.server.closeAllConnections();
rest.server.close();
bus.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);

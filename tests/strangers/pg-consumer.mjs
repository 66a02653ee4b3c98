// What most people would write: the npm client of the Pub/Sub API and pg, one upsert and one replay id per event, each its own commit, in order.
// Usage: pg-consumer.mjs <pub/sub host:port> <instance url> <access token> <org id> <postgres url>
// The position is in table replay; the rows are in table account.
import pg from 'pg';
import PubSubApiClient from 'salesforce-pubsub-api-client';

const [pubSubEndpoint, instanceUrl, accessToken, organizationId, database] = process.argv.slice(2);
const TOPIC = '/data/AccountChangeEvent';

const postgres = new pg.Client({ connectionString: database });
await postgres.connect();
await postgres.query('create table if not exists account (id text primary key)');
await postgres.query('create table if not exists replay (topic text primary key, replay_id bigint)');

const columns = new Set();
const typeOf = value => ({ number: 'double precision', boolean: 'boolean' })[typeof value] ?? 'text';
const quote = name => `"${name.toLowerCase()}"`;

const ensure = async (name, value) => {
  if (columns.has(name) || value === null) return;
  await postgres.query(`alter table account add column if not exists ${quote(name)} ${typeOf(value)}`);
  columns.add(name);
};

const apply = async ({ payload, replayId }) => {
  const header = payload.ChangeEventHeader;
  const changed = header.changedFields.length > 0 ? header.changedFields : Object.keys(payload);
  const names = changed.filter(name => payload[name] !== undefined && (payload[name] === null || typeof payload[name] !== 'object'));
  for (const name of names) await ensure(name, payload[name]);
  const known = names.filter(name => columns.has(name));
  for (const id of header.recordIds)
    await postgres.query(
      `insert into account (id${known.map(n => `, ${quote(n)}`).join('')}) values ($1${known.map((_, i) => `, $${i + 2}`).join('')})
       on conflict (id) do update set ${known.map(n => `${quote(n)} = excluded.${quote(n)}`).join(', ')}`,
      [id, ...known.map(name => payload[name])]);
  await postgres.query('insert into replay values ($1, $2) on conflict (topic) do update set replay_id = excluded.replay_id', [TOPIC, replayId]);
};

const logger = { debug() {}, info() {}, warn: console.error, error: console.error };
const client = new PubSubApiClient({ authType: 'user-supplied', pubSubEndpoint, instanceUrl, accessToken, organizationId, rejectUnauthorizedSsl: false }, logger);
await client.connect();

let queue = Promise.resolve();
const fail = error => {
  console.error(error);
  process.exit(1);
};
client.subscribe(TOPIC, (_, type, data) => {
  if (type === 'event') queue = queue.then(() => apply(data)).catch(fail);
  else if (type === 'error') fail(data);
});

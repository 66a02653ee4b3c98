// A Salesforce org that is not ours: sign-in over http and Pub/Sub over h2c, written from the public description alone.
// Usage: org.mjs [--batch n] [--end-after n] [--delay ms] [--keepalive ms]
// Prints one JSON document: {"login", "pubsub", "clientId", "clientSecret", "count", "last", "expected"}. GET /seen on the login server tells what it was asked for.
import http from 'node:http';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { events, schemaJson } from './org-history.mjs';
import { repairs, tables } from './org-expected.mjs';
import { tell } from './pubsub.mjs';

const { values: given } = parseArgs({ options: { batch: { type: 'string' }, 'end-after': { type: 'string' }, delay: { type: 'string' }, keepalive: { type: 'string' } } });
const batch = Number(given.batch ?? 100), endAfter = Number(given['end-after'] ?? Infinity), delay = Number(given.delay ?? 0), keepalive = Number(given.keepalive ?? 500);

const ORG = '00Dxx0000001gERAAY';
const CLIENT = { id: '3MVG9.stranger', secret: 'not a secret' };
const CHANNEL = '/data/ChangeEvents';
const CODES = 'sfdc.platform.eventbus.grpc.';
const seen = { tokens: 0, otherHttp: [], topics: 0, schemas: [], subscriptions: [], faults: [] };
let token, instance;

// ---- sign-in
const answer = (response, status, document) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
const signIn = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.url === '/seen') return answer(response, 200, seen);
  if (request.method !== 'POST' || request.url !== '/services/oauth2/token') {
    seen.otherHttp.push(`${request.method} ${request.url}`);
    return answer(response, 503, [{ errorCode: 'SERVER_UNAVAILABLE', message: 'This org has nothing but its stream' }]);
  }
  seen.tokens++;
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? '');
  const [id, secret] = basic ? Buffer.from(basic[1], 'base64').toString().split(':').map(decodeURIComponent) : [form.get('client_id'), form.get('client_secret')];
  if (form.get('grant_type') !== 'client_credentials') return answer(response, 400, { error: 'unsupported_grant_type', error_description: 'grant type not supported' });
  if (id !== CLIENT.id) return answer(response, 400, { error: 'invalid_client_id', error_description: 'client identifier invalid' });
  if (secret !== CLIENT.secret) return answer(response, 400, { error: 'invalid_client', error_description: 'invalid client credentials' });
  token = `${ORG.slice(0, 15)}!AQ.${randomUUID()}`;
  answer(response, 200, {
    access_token: token, signature: 'c2ln', scope: 'api', instance_url: instance, id: `https://login.salesforce.com/id/${ORG}/005000000000001AAA`, token_type: 'Bearer', issued_at: String(Date.now()),
  });
});

// ---- Pub/Sub
const failure = (status, code, text) => {
  const metadata = new grpc.Metadata(), rpcId = randomUUID();
  metadata.set('error-code', CODES + code);
  metadata.set('rpc-id', rpcId);
  return { code: grpc.status[status], details: `${text} rpcId: ${rpcId}`, metadata };
};
const refused = call => {
  const [accesstoken, instanceurl, tenantid] = ['accesstoken', 'instanceurl', 'tenantid'].map(key => call.metadata.get(key)[0]);
  if (!accesstoken || !instanceurl || !tenantid) return failure('UNAUTHENTICATED', 'service.auth.headers.invalid', 'header missing');
  if (accesstoken !== token || tenantid !== ORG || instanceurl !== instance) return failure('UNAUTHENTICATED', 'service.auth.error', 'invalid token');
};
const later = act => (delay ? setTimeout(act, delay / 2) : act());
const unary = handle => (call, done) => later(() => {
  const { error, value } = (e => (e ? { error: e } : handle(call.request)))(refused(call));
  later(() => done(error ?? null, value));
});

const subscribe = call => {
  const error = refused(call);
  if (error) return call.emit('error', error);
  const responses = [];
  let next, credit = 0, sent = 0, quiet, over = false;

  const fault = (...failure_) => { over = true; clearTimeout(quiet); call.emit('error', failure(...failure_)); };
  const write = taken => {
    const message = {
      events: taken.map(({ event, replay_id }) => ({ event, replay_id })), latest_replay_id: (taken.at(-1) ?? events.at(-1)).replay_id, rpc_id: randomUUID(), pending_num_requested: credit,
    };
    responses.push(message);
    later(() => { if (!call.cancelled) call.write(responses.shift()); });
    clearTimeout(quiet);
    if (credit > 0) quiet = setTimeout(() => write([]), keepalive);
  };
  const deliver = () => {
    while (!over && credit > 0 && next < events.length) {
      const taken = events.slice(next, next + Math.min(batch, credit, endAfter - sent));
      next += taken.length;
      sent += taken.length;
      credit -= taken.length;
      write(taken);
      if (sent >= endAfter) {
        over = true;
        clearTimeout(quiet);
        later(() => call.end());
      }
    }
  };
  const start = request => {
    const id = request.replay_id;
    seen.subscriptions.push({ preset: request.replay_preset, id: id.toString('hex') });
    if (request.topic_name !== CHANNEL) return fault('NOT_FOUND', 'topic.not.found', 'no such topic');
    if (request.replay_preset === 'LATEST') next = events.length;
    else if (request.replay_preset === 'EARLIEST') next = 0;
    else if (id.length === 0) return fault('INVALID_ARGUMENT', 'subscription.fetch.replayid.validation.failed', 'no replay id');
    else next = events.findLastIndex(e => e.replay_id.equals(id)) + 1;
    if (next === 0 && request.replay_preset === 'CUSTOM') fault('INVALID_ARGUMENT', 'subscription.fetch.replayid.corrupted', 'replay id is corrupted');
  };
  call.on('data', request => later(() => {
    if (over) return;
    if (next === undefined) start(request);
    else if (request.topic_name && request.topic_name !== CHANNEL) fault('INVALID_ARGUMENT', 'subscription.fetch.topic.mismatch', 'another topic');
    if (over) return;
    if (request.num_requested <= 0) return fault('INVALID_ARGUMENT', 'subscription.fetch.requested.events.invalid', 'ask for more than 0');
    if (credit + request.num_requested > 100) seen.faults.push(`${credit} outstanding, ${request.num_requested} more asked`);
    credit = Math.min(100, credit + request.num_requested);
    if (!quiet) quiet = setTimeout(() => write([]), keepalive);
    deliver();
  }));
  const gone = () => { over = true; clearTimeout(quiet); };
  call.on('cancelled', gone);
  call.on('end', () => { gone(); call.end(); });
};

const definition = loader.loadSync(fileURLToPath(new URL('org.proto', import.meta.url)), { keepCase: true, enums: String, defaults: true });
const server = new grpc.Server();
server.addService(grpc.loadPackageDefinition(definition).eventbus.v1.PubSub.service, {
  // A channel of several objects has no schema of its own.
  GetTopic: unary(({ topic_name }) => {
    seen.topics++;
    return topic_name === CHANNEL ? { value: { topic_name, tenant_guid: ORG, can_subscribe: true, schema_id: '', rpc_id: randomUUID() } } : { error: failure('NOT_FOUND', 'topic.not.found', 'no such topic') };
  }),
  GetSchema: unary(({ schema_id }) => {
    seen.schemas.push(schema_id);
    const schema_json = schemaJson.get(schema_id);
    return schema_json ? { value: { schema_json, schema_id, rpc_id: randomUUID() } } : { error: failure('INVALID_ARGUMENT', 'schema.validation.failed', 'no such schema') };
  }),
  Subscribe: subscribe,
});

await new Promise(done => signIn.listen(0, '127.0.0.1', done));
instance = `http://127.0.0.1:${signIn.address().port}`;
const port = await new Promise((resolve, reject) => server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (e, p) => (e ? reject(e) : resolve(p))));
tell({
  login: instance, pubsub: `http://127.0.0.1:${port}`, clientId: CLIENT.id, clientSecret: CLIENT.secret, orgId: ORG,
  count: events.length, last: events.at(-1).replay_id.toString('hex'), expected: { tables, repairs },
});

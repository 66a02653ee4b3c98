// Pub/Sub of a port's org: one channel, to which events are added while it is listened to, and from which the oldest disappear.
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const CHANNEL = '/data/ChangeEvents';
const CODES = 'sfdc.platform.eventbus.grpc.';
const definition = loader.loadSync(fileURLToPath(new URL('org.proto', import.meta.url)), { keepCase: true, enums: String, defaults: true });

const failure = (status, code, text, bare = false) => {
  const metadata = new grpc.Metadata(), rpcId = randomUUID();
  if (!bare) metadata.set('error-code', CODES + code);
  if (!bare) metadata.set('rpc-id', rpcId);
  return { code: grpc.status[status], details: `${bare ? `${CODES}${code}: ` : ''}${text} rpcId: ${rpcId}`, metadata };
};

export class Bus {
  constructor({ session, variant, seen }) {
    Object.assign(this, { session, variant, seen, events: [], floor: 0, counter: 0x17a0b3n, schemas: new Map(), topics: new Map(), listeners: new Set() });
  }

  publish(events) {
    for (const { sibling, ...event } of events) {
      if (!sibling) this.counter += BigInt(1 + (this.events.length % 4));
      const replay_id = Buffer.alloc(10);
      replay_id.writeBigUInt64BE(this.counter);
      this.events.push({ event, replay_id });
    }
    for (const listener of this.listeners) listener.deliver();
  }

  last() {
    return this.events.at(-1)?.replay_id.toString('hex');
  }

  // What was sent so far is gone, and every position up to here with it.
  forget() {
    this.floor = this.events.length;
  }

  cut() {
    for (const listener of [...this.listeners]) listener.end();
  }

  refused(call) {
    const [accesstoken, instanceurl, tenantid] = ['accesstoken', 'instanceurl', 'tenantid'].map(key => call.metadata.get(key)[0]);
    if (!accesstoken || !instanceurl || !tenantid) return failure('UNAUTHENTICATED', 'service.auth.headers.invalid', 'header missing');
    if (!this.session.tokens.has(accesstoken) || tenantid !== this.session.orgId || instanceurl !== this.session.instance) return failure('UNAUTHENTICATED', 'service.auth.error', 'invalid token');
    return undefined;
  }

  topic(name) {
    if (name === CHANNEL) return { topic_name: name, tenant_guid: this.session.orgId, can_subscribe: true, schema_id: '', rpc_id: randomUUID() };
    const schema = this.variant.topics === 'none' ? undefined : this.topics.get(name)?.();
    return schema && { topic_name: name, tenant_guid: this.session.orgId, can_subscribe: true, schema_id: schema.id, rpc_id: randomUUID() };
  }

  unary(handle) {
    return (call, done) => {
      const { error, value } = (e => (e ? { error: e } : handle(call.request)))(this.refused(call));
      done(error ?? null, value);
    };
  }

  subscribe(call) {
    const error = this.refused(call);
    if (error) return call.emit('error', error);
    if (this.down) return call.emit('error', failure('UNAVAILABLE', 'service.unavailable', 'down'));
    const { batch = 40, keepalive = 300 } = this.variant;
    let next, credit = 0, quiet, over = false;
    const stop = () => { over = true; clearTimeout(quiet); this.listeners.delete(listener); };
    const fault = (...failure_) => { stop(); call.emit('error', failure(...failure_, this.variant.bare)); };
    const write = taken => {
      const latest = taken.at(-1)?.replay_id ?? this.events[Math.min(next, this.events.length) - 1]?.replay_id ?? Buffer.from('00000000000000010000', 'hex');
      call.write({ events: taken, latest_replay_id: latest, rpc_id: randomUUID(), pending_num_requested: credit });
      clearTimeout(quiet);
      if (credit > 0) quiet = setTimeout(() => !over && write([]), keepalive);
    };
    const listener = {
      deliver: () => {
        while (!over && next !== undefined && credit > 0 && next < this.events.length) {
          const taken = this.events.slice(next, next + Math.min(batch, credit));
          next += taken.length;
          credit -= taken.length;
          write(taken);
        }
      },
      end: () => { stop(); call.end(); },
    };
    const start = ({ topic_name, replay_preset: preset, replay_id: id }) => {
      this.seen.subscriptions.push({ preset, id: id.toString('hex') });
      if (topic_name !== CHANNEL) return fault('NOT_FOUND', 'topic.not.found', 'no such topic');
      if (preset === 'LATEST') next = this.events.length;
      else if (preset === 'EARLIEST') next = this.floor;
      else {
        const at = this.events.findLastIndex(e => e.replay_id.equals(id));
        if (at < this.floor && !(at === -1 && id.toString('hex') === '00000000000000010000' && this.floor === 0))
          return fault('INVALID_ARGUMENT', `subscription.fetch.replayid.${this.variant.lost ?? 'corrupted'}`, 'the replay id is not valid');
        next = at + 1;
      }
      this.listeners.add(listener);
    };
    call.on('data', request => {
      if (over) return;
      if (next === undefined) start(request);
      if (over) return;
      if (request.num_requested <= 0) return fault('INVALID_ARGUMENT', 'subscription.fetch.requested.events.invalid', 'ask for more than 0');
      if (credit + request.num_requested > 100) this.seen.faults.push(`${credit} outstanding, ${request.num_requested} more asked`);
      credit = Math.min(100, credit + request.num_requested);
      if (!quiet) quiet = setTimeout(() => !over && write([]), keepalive);
      listener.deliver();
    });
    call.on('cancelled', stop);
    call.on('end', () => { stop(); call.end(); });
  }

  async start() {
    const server = new grpc.Server();
    server.addService(grpc.loadPackageDefinition(definition).eventbus.v1.PubSub.service, {
      GetTopic: this.unary(({ topic_name }) => {
        this.seen.topics++;
        const value = this.topic(topic_name);
        return value ? { value } : { error: failure('NOT_FOUND', 'topic.not.found', 'no such topic') };
      }),
      GetSchema: this.unary(({ schema_id }) => {
        this.seen.schemas.push(schema_id);
        const schema_json = this.schemas.get(schema_id);
        return schema_json ? { value: { schema_json, schema_id, rpc_id: randomUUID() } } : { error: failure('INVALID_ARGUMENT', 'schema.validation.failed', 'no such schema') };
      }),
      Subscribe: call => this.subscribe(call),
    });
    const port = await new Promise((resolve, reject) => server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (e, p) => (e ? reject(e) : resolve(p))));
    this.stop = () => server.forceShutdown();
    return `http://127.0.0.1:${port}`;
  }
}

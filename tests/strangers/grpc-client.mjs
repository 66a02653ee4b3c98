// A grpc-js client for our server. Usage: grpc-client.mjs <check> <port> <tls port> <authority.pem>
// Prints what it saw as one line of JSON.
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import { PubSub, limits, tell } from './pubsub.mjs';

const [check, port, tlsPort, authority] = process.argv.slice(2);
const client = check === 'tls'
  ? new PubSub(`localhost:${tlsPort}`, grpc.credentials.createSsl(readFileSync(authority)), limits)
  : new PubSub(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), limits);

const errorOf = error => ({
  code: error.code,
  details: error.details,
  errorCode: error.metadata?.get('error-code')[0],
  binary: error.metadata?.get('details-bin')[0]?.toString('hex'),
});
const unary = (method, request, options = {}) => new Promise(resolve => {
  const metadata = new grpc.Metadata();
  metadata.set('tenantid', '00D1');
  client[method](request, metadata, options, (error, response) => resolve(error ? errorOf(error) : response));
});
// Sends one request and gives what came until the end.
const subscribe = topic => new Promise(resolve => {
  const call = client.Subscribe();
  const seen = [];
  call.on('data', response => {
    seen.push(response.rpc_id);
    if (topic === 'hold') call.cancel();
  });
  call.on('error', error => resolve({ seen, ...errorOf(error) }));
  call.on('status', status => status.code === 0 && resolve({ seen, code: 0 }));
  call.write({ topic_name: topic, num_requested: 1 });
});

const checks = {
  unary: () => unary('GetTopic', { topic_name: '/data/ChangeEvents' }),
  tls: () => unary('GetTopic', { topic_name: '/data/ChangeEvents' }),
  error: () => unary('GetTopic', { topic_name: 'error' }),
  unimplemented: () => unary('GetSchema', { schema_id: 'x' }),
  deadline: () => unary('GetTopic', { topic_name: 'sleep' }, { deadline: Date.now() + 300 }),
  earlyError: () => subscribe('early error'),
  lateError: () => subscribe('late error'),
  cancel: () => subscribe('hold'),
  streams: async () => {
    const ends = await Promise.all(Array.from({ length: 150 }, () => subscribe('together')));
    return { ended: ends.filter(end => end.code === 0).length };
  },
  large: async () => {
    const payload = Buffer.alloc(5 << 20, 0x61);
    const response = await unary('Publish', { events: [{ payload }] });
    return { same: payload.equals(response.results?.[0].replay_id ?? Buffer.alloc(0)) };
  },
  bidi: () => new Promise((resolve, reject) => {
    const call = client.Subscribe();
    const seen = [];
    call.on('data', response => {
      seen.push(response.rpc_id);
      if (seen.length < 5) call.write({ topic_name: `${seen.length}` });
      else call.end();
    });
    call.on('error', reject);
    call.on('status', status => resolve({ seen, code: status.code }));
    call.write({ topic_name: '0' });
  }),
};

tell(await checks[check]());
client.close();

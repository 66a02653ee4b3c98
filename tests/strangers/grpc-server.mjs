// A grpc-js server for our client. Usage: grpc-server.mjs <certificate.pem> <key.pem>
// What it does with a call is chosen by the topic name. First line: {"port", "tlsPort"}.
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import { PubSub, limits, tell } from './pubsub.mjs';

const failure = () => {
  const metadata = new grpc.Metadata();
  metadata.set('error-code', 'sfdc.platform.eventbus.grpc.topic.not.found');
  metadata.set('details-bin', Buffer.from([0, 1, 250]));
  return { code: grpc.status.NOT_FOUND, details: 'kein Thema \u2603 100%', metadata };
};

const held = [];
const subscribe = call => {
  call.on('data', request => {
    switch (request.topic_name) {
      case 'early error':
        call.emit('error', failure());
        break;
      case 'late error':
        call.write({ rpc_id: 'one' });
        call.emit('error', failure());
        break;
      case 'hold':
        call.write({ rpc_id: 'held' });
        call.on('cancelled', () => tell({ cancelled: true }));
        break;
      case 'together':
        held.push(call);
        if (held.length === 150) held.splice(0).forEach(c => c.end());
        break;
      default:
        call.write({ rpc_id: request.topic_name, latest_replay_id: request.replay_id, pending_num_requested: request.num_requested });
    }
  });
  call.on('end', () => call.end());
};

const methods = {
  GetTopic: (call, answer) => {
    if (call.request.topic_name === 'error') answer(failure());
    else if (call.request.topic_name === 'sleep') setTimeout(() => answer(null, {}), 60000).unref();
    else answer(null, { topic_name: call.request.topic_name, tenant_guid: String(call.metadata.get('tenantid')[0]) });
  },
  Publish: (call, answer) => answer(null, { results: [{ replay_id: call.request.events[0].payload }] }),
  Subscribe: subscribe,
};

const serve = credentials => new Promise((resolve, reject) => {
  const server = new grpc.Server(limits);
  server.addService(PubSub.service, methods);
  server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve(port)));
});

const [certificate, key] = process.argv.slice(2).map(file => readFileSync(file));
tell({
  port: await serve(grpc.ServerCredentials.createInsecure()),
  tlsPort: await serve(grpc.ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }])),
});

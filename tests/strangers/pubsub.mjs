// The service as grpc-js sees it, from the same file that ours is generated from.
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const proto = fileURLToPath(new URL('../../proto/pubsub_api.proto', import.meta.url));
const definition = loader.loadSync(proto, { keepCase: true, longs: String, enums: String, defaults: true });

export const PubSub = grpc.loadPackageDefinition(definition).eventbus.v1.PubSub;
export const limits = { 'grpc.max_receive_message_length': 16 << 20, 'grpc.max_send_message_length': 16 << 20 };

// Tests read one JSON document per line.
export const tell = document => process.stdout.write(JSON.stringify(document) + '\n');

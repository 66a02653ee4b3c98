// salesforce-pubsub-api-client as a subscriber of the simulated org. Usage: pubsub-subscriber.mjs <port> <instance url> <token> <topic> <events>
// Prints one line of JSON per event as the client hands it over, then one for the first keepalive or the error that ends it.
import PubSubApiClient from 'salesforce-pubsub-api-client';
import { tell } from './pubsub.mjs';

const [port, instanceUrl, accessToken, topic, events] = process.argv.slice(2);
const silent = { debug() {}, info() {}, warn: console.warn, error: console.error };

const client = new PubSubApiClient({
  authType: 'user-supplied',
  pubSubEndpoint: `localhost:${port}`,
  instanceUrl,
  accessToken,
  // It trusts the authorities it brings along and no other.
  rejectUnauthorizedSsl: false,
}, silent);
await client.connect();

let seen = 0;
client.subscribeFromEarliestEvent(topic, (_, type, given) => {
  if (type === 'event') {
    const { ChangeEventHeader: header, ...body } = given.payload;
    tell({ replayId: given.replayId, schemaId: given.schemaId, header, body });
    seen++;
  } else if (type === 'grpcKeepAlive' && seen >= Number(events)) {
    tell({ keepalive: true });
    client.close();
  } else if (type === 'error') {
    tell({ code: given.code, errorCode: given.metadata?.get('error-code')[0], message: given.message });
    client.close();
  }
});

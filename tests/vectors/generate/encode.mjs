// Encodes the data of every vector with avsc and writes the bytes into it. Usage: node encode.mjs (avsc 5.7.9 in tests/strangers/node_modules, or in the folder AVSC_FROM names).
// Values JSON cannot say: {"$long": "digits"} beyond 2^53, {"$bytes": "hex"}.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';

const here = dirname(fileURLToPath(import.meta.url));
const folder = dirname(here);
const require = createRequire(join(process.env.AVSC_FROM ?? join(dirname(folder), 'strangers'), 'from.js'));
const avro = require('avsc');

const long = avro.types.LongType.__with({
  fromBuffer: (buffer) => buffer.readBigInt64LE(),
  toBuffer: (value) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a, b) => (a === b ? 0 : a < b ? -1 : 1),
});

const revive = (_, value) =>
  value && typeof value === 'object' && '$long' in value ? BigInt(value.$long)
    : value && typeof value === 'object' && '$bytes' in value ? Buffer.from(value.$bytes, 'hex')
      : value;

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const path = join(folder, file);
  const vector = JSON.parse(readFileSync(path, 'utf8'));
  const type = avro.Type.forSchema(structuredClone(vector.schema), { registry: { long } });
  for (const event of vector.events) {
    const datum = JSON.parse(JSON.stringify(event.datum), revive);
    event.hex = type.toBuffer(datum).toString('hex');
    event.encoders = ['avsc 5.7.9'];
  }
  writeFileSync(path, JSON.stringify(vector, null, 1) + '\n');
  console.log(`${file}: ${vector.events.length} events`);
}

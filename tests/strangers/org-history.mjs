// What happened in the org: a fixed list of events in the order of its bus. What a copy must hold afterwards is in org-expected.mjs, by hand.
import { createHash } from 'node:crypto';
import { schemas } from './org-schemas.mjs';

const USER = '005000000000001AAA';
const T0 = Date.UTC(2026, 2, 1, 8);
export const commitAt = tx => T0 + tx * 1000;
const day = text => Date.parse(`${text}T00:00:00Z`);
const time = (h, m, s = 0, ms = 0) => ((h * 60 + m) * 60 + s) * 1000 + ms;

// Two magnitudes of commit numbers, as seen: the later is smaller here.
const commitNumber = tx => (tx < 10 ? 1700000000000000000n : 10900000000n) + BigInt(tx);
const transactionKey = tx => `${String(tx).padStart(8, '0')}-0000-4000-8000-00000000abcd`;
const uuid = text => createHash('md5').update(text).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export const events = [];
let counter = 0x5f0a10n;

const happen = (tx, seq, schema, changeType, ids, values = {}, more = {}) => {
  const fields = names => (names ? schemas[schema].bitmap(names) : []);
  const header = {
    entityName: schemas[schema].entity, recordIds: [ids].flat(), changeType, changeOrigin: more.origin ?? 'com/salesforce/api/rest/66.0;client=devtools',
    transactionKey: more.key ?? transactionKey(tx), sequenceNumber: seq, commitTimestamp: BigInt(commitAt(tx) + (more.late ?? 0)), commitNumber: commitNumber(tx),
    commitUser: USER, nulledFields: fields(more.nulled), diffFields: fields(more.diff), changedFields: more.bits ?? fields(more.changed),
  };
  if (!more.sibling) counter += BigInt(1 + (events.length % 3));
  const replayId = Buffer.alloc(10);
  replayId.writeBigUInt64BE(counter);
  let payload = schemas[schema].encode(header, values);
  if (more.damage) payload = Buffer.concat([payload, Buffer.from([7])]);
  events.push({ event: { id: uuid(`${tx}/${seq}/${ids}/${changeType}`), schema_id: schemas[schema].id, payload }, replay_id: replayId, tx });
};

const born = tx => ({ OwnerId: USER, CreatedDate: commitAt(tx), CreatedById: USER, LastModifiedDate: commitAt(tx), LastModifiedById: USER });
const create = (tx, seq, schema, id, values, more) => happen(tx, seq, schema, 'CREATE', id, { ...born(tx), ...values }, more);
// The values given are those changed, with LastModifiedDate; `also` rides along unlisted, `nulled` is listed in both bitmaps.
const update = (tx, seq, schema, ids, values, { also = {}, nulled = [], silent = false, ...more } = {}) => {
  const named = Object.entries(values).flatMap(([name, v]) =>
    (v !== null && typeof v === 'object' && v.constructor === Object && !more.whole ? Object.keys(v).map(child => `${name}.${child}`) : [name]));
  const stamp = silent ? {} : { LastModifiedDate: commitAt(tx) };
  happen(tx, seq, schema, 'UPDATE', ids, { ...also, ...values, ...stamp }, { changed: [...named, ...nulled, ...Object.keys(stamp)], nulled, ...more });
};

export const id = (prefix, n) => `${prefix}${String(n).padStart(12, '0')}AAA`;
const many = Array.from({ length: 20 }, (_, i) => id('001', 100 + i));

export const LONG_TEXT = Array.from({ length: 60 }, (_, i) => `line ${i} of a long description`).join('\r\n');
export const WILD_TEXT = 'first line\nsecond\r\nthird "quoted" \'single\' \\back\\ \ttab, comma; Grüße, Ελλάδα, 日本語, שלום, 🦊👩‍👩‍👧 \u00a0end';

// 1-6: a CREATE of everything. The two accounts' ids differ in the case of one letter only.
create(1, 1, 'account', '001A0000000000bIAA', {
  Name: 'Söhne & Co. "Ltd"', Type: 'Customer - Direct', ParentId: '001000000000009AAA', Phone: '+49 (0) 30 / 123', Website: 'https://example.com/?a=1&b=2',
  BillingAddress: { Street: 'Hauptstraße 1\n2nd floor', City: 'München', State: 'Bayern', PostalCode: '80331', Country: 'Germany', StateCode: 'BY', CountryCode: 'DE', Latitude: 48.1371, Longitude: 11.5754, GeocodeAccuracy: 'Address' },
  ShippingAddress: { Street: '1 Long Rd', City: 'Fairbanks', CountryCode: 'US', Latitude: 64.8401, Longitude: -147.7200 },
  AnnualRevenue: 123456789012345.6, NumberOfEmployees: 2147483647, Description: WILD_TEXT, CleanStatus: 'Pending', Regions__c: 'EMEA;APAC;Süd',
  Opens__c: time(8, 30), Since__c: day('2022-05-31'), Seen__c: Date.UTC(2024, 1, 29, 23, 59, 59, 987), Rate__c: 12.5, Score__c: 0.1, Loc__c: { Latitude: -33.8688, Longitude: 151.2093 }, Vip__c: true, Level__pc: 'Gold',
});
create(2, 1, 'account', '001a0000000000bAAA', {
  Name: { Salutation: 'Ms.', FirstName: 'Ada', LastName: 'Lovelace' }, PersonMailingAddress: { City: 'London', PostalCode: 'W1' }, PersonBirthdate: day('1815-12-10'), Vip__c: false, NumberOfEmployees: 0,
});
create(2, 2, 'contact', '003000000000001AAA', { AccountId: '001a0000000000bAAA', IsPersonAccount: true, Name: { Salutation: 'Ms.', FirstName: 'Ada', LastName: 'Lovelace' }, Birthdate: day('1815-12-10') });
create(3, 1, 'contact', '003000000000002AAA', {
  Name: { Salutation: 'Dr.', FirstName: 'Grace', MiddleName: 'Brewster', LastName: 'Hopper', Suffix: 'PhD', InformalName: 'Amazing Grace' }, Email: 'g@example.com', DoNotCall: true,
  MailingAddress: { Street: 'Navy Yard', City: 'Arlington', StateCode: 'VA' }, Description: LONG_TEXT, JigsawContactId: 'J-1',
});
create(4, 1, 'lead', '00Q000000000001AAA', {
  Name: { FirstName: 'Linus', LastName: 'Pauling' }, Company: 'Caltech', Status: 'Open', IsConverted: false,
  Address: { Street: 'E California Blvd', City: 'Pasadena', State: 'California', StateCode: 'CA', Latitude: 34.1, Longitude: -118.1, Xyz: '0.1;0.2;0.3', GeocodeAccuracy: 'Zip' },
});
create(5, 1, 'foo', 'a00000000000001AAA', {
  Name: 'FOO-0001', Amount__c: -0.5, Loc__c: { Latitude: 0, Longitude: -0.000001 }, Home__c: { Street: 'Nowhere 0', CountryCode: 'NZ' }, Secret__c: '****', Rich__c: '<p>a &amp; b</p>', Link__c: 'http://a.example',
  Tags__c: ['One', 'Two', 'Drei'], Blob__c: Buffer.from([0, 255, 16]), Serial__c: 9007199254740993n, Oddity: { Words: 'x "y"', Weight: 1.5, Sure: true },
  acme_packaged_1__The_place_where_this_was_seen_last_time__c: { Latitude: 1.25, Longitude: -2.5 },
});
create(6, 1, 'opportunity', '006000000000001AAA', { AccountId: '001A0000000000bIAA', Name: 'Big deal', StageName: 'Prospecting', Amount: 1e21, Probability: 33.333, CloseDate: day('2026-12-31'), IsClosed: false });

// 7-11: single fields, parts alone, nulled fields and compounds.
update(7, 1, 'account', '001A0000000000bIAA', { Phone: '110' }, { also: { Website: 'unlisted', Score__c: 99 } });
happen(8, 1, 'account', 'UPDATE', '001A0000000000bIAA', { ShippingAddress: { Latitude: 64.5, Longitude: -147.5 } }, { bits: ['5-0x0180'], origin: '' });
update(9, 1, 'account', '001A0000000000bIAA', { BillingAddress: { City: 'Nürnberg' } }, { nulled: ['Type', 'Rate__c', 'BillingAddress.Street', 'BillingAddress.Latitude'] });
update(10, 1, 'account', '001A0000000000bIAA', {}, { nulled: ['ShippingAddress', 'Loc__c'] });
update(11, 1, 'account', '001a0000000000bAAA', { Name: { FirstName: 'Augusta Ada' } });

// 12-15: twenty records in one transaction, then in one event, twice in one transaction; deleted and restored.
many.forEach((account, i) => create(12, i + 1, 'account', account, { Name: `Mass ${i}`, Score__c: i }));
happen(13, 1, 'account', 'UPDATE', many, { LastModifiedDate: commitAt(13) }, { changed: ['LastModifiedDate'] });
happen(13, 2, 'account', 'UPDATE', many, { Score__c: 0.30000000000000004 }, { changed: ['Score__c'] });
happen(14, 1, 'account', 'DELETE', many.slice(18));
happen(15, 1, 'account', 'UNDELETE', many[19], { ...born(12), LastModifiedDate: commitAt(15), Name: 'Mass 19 again', Score__c: 7 });

// 16: a lead is converted; the last event carries the next second.
create(16, 1, 'account', '001000000000004AAA', { Name: 'Caltech' });
create(16, 2, 'contact', '003000000000003AAA', { Name: { FirstName: 'Linus', LastName: 'Pauling' }, AccountId: '001000000000004AAA' });
create(16, 3, 'opportunity', '006000000000002AAA', { Name: 'Caltech-', AccountId: '001000000000004AAA', StageName: 'Qualification', CloseDate: day('2026-03-31') });
update(16, 4, 'lead', '00Q000000000001AAA', {
  Status: 'Closed - Converted', IsConverted: true, ConvertedDate: day('2026-03-01'), ConvertedAccountId: '001000000000004AAA', ConvertedContactId: '003000000000003AAA', ConvertedOpportunityId: '006000000000002AAA',
}, { late: 1000 });

// 17-19: records never seen.
update(17, 1, 'account', '001000000000005AAA', { Phone: '5' });
happen(17, 2, 'account', 'DELETE', '001000000000006AAA');
update(18, 1, 'account', '001000000000005AAA', { Website: 'five.example' });
happen(19, 1, 'contact', 'UNDELETE', '003000000000009AAA', { ...born(3), LastModifiedDate: commitAt(19), Name: { LastName: 'Back' } });

// 20-22: a field is added in mid-stream; then an event still in the old shape.
update(20, 1, 'accountWithTier', '001A0000000000bIAA', { Tier__c: 'Platinum', Score__c: 2.5 });
create(21, 1, 'accountWithTier', '001000000000007AAA', { Name: 'Seven', Tier__c: 'Silver', Opens__c: time(23, 59, 59, 999) });
update(22, 1, 'account', '001A0000000000bIAA', { Opens__c: 0 });

// 23: a gap event with a foreign key inside a transaction.
create(23, 1, 'foo', 'a00000000000002AAA', { Name: 'FOO-0002' });
happen(23, 19, 'contact', 'GAP_UPDATE', '003000000000002AAA', {}, { key: 'deadbeef-0000-4000-8000-000000000001' });
update(23, 2, 'foo', 'a00000000000001AAA', { Home__c: { City: 'Bluff' } });

// 24-28: what is only known to have happened.
happen(24, 1, 'account', 'GAP_CREATE', ['001000000000008AAA', '001000000000010AAA'], {}, { key: 'deadbeef-0000-4000-8000-000000000002' });
happen(25, 6, 'opportunity', 'GAP_OVERFLOW', '000000000000000AAA');
happen(26, 1, 'lead', 'UPDATE', '00Q*');
happen(27, 1, 'fooNextRelease', 'RESTATED', 'a00000000000001AAA', { Name: 'never' });
update(28, 1, 'fooNextRelease', 'a00000000000002AAA', { Amount__c: 1e-7 });

// 29: enriched siblings: one change of three records, ungrouped, under one replay id; an enrichment rides along.
for (const i of [0, 1, 2]) happen(29, 1, 'account', 'UPDATE', many[i], { Phone: '999', Website: 'enriched', LastModifiedDate: commitAt(29) }, { changed: ['Phone', 'LastModifiedDate'], sibling: i > 0 });

// 30-33: transactions that interleave.
update(30, 1, 'account', many[3], { Phone: '30a' });
update(31, 1, 'account', many[4], { Phone: '31a' });
update(30, 2, 'account', many[5], { Phone: '30b' });
update(31, 2, 'account', many[6], { Phone: '31b' });
update(32, 1, 'account', many[7], { Phone: '32a' });
update(33, 1, 'account', many[8], { Phone: '33a' });
update(32, 2, 'account', many[9], { Phone: '32b' });
update(33, 2, 'account', many[10], { Phone: '33b' });

// 34: more than a client may ask for at once.
for (let i = 0; i < 150; i++) create(34, i + 1, 'foo', id('a00', 1000 + i), { Name: `FOO-${1000 + i}`, Amount__c: i / 8 });

// 35-39: a text diff, names that change their kind, a compound given whole, an event that does not decode, text that Postgres cannot hold.
update(35, 1, 'contact', '003000000000002AAA', { Description: `--- \n+++ ${'0123456789abcdef'.repeat(4)}\n@@ -1,1 +1,1 @@\n-line 0 of a long description\n+line 0 changed\n`, Email: 'grace@example.com' }, { diff: ['Description'] });
update(36, 1, 'account', '001a0000000000bAAA', { Name: 'Analytical Engines' });
update(37, 1, 'contact', '003000000000002AAA', { MailingAddress: { City: 'New York' }, Name: { LastName: 'Murray' } }, { whole: true });
update(38, 1, 'opportunity', '006000000000001AAA', { Amount: 5 }, { damage: true });
create(39, 1, 'foo', 'a00000000000003AAA', { Name: 'a\u0000b' });
update(40, 1, 'account', '001A0000000000bIAA', { Name: 'Söhne AG', Rate__c: 0 });

export const schemaJson = new Map(Object.values(schemas).map(s => [s.id, s.json]));

// What a copy of the org of org-history.mjs must hold, written by hand: every column with its type, every row, every value as Postgres
// prints it (time zone UTC). A column that a row does not name is null. '@' is the transaction and sequence that wrote the row last.
import { createHash } from 'node:crypto';
import { LONG_TEXT, WILD_TEXT, id } from './org-history.mjs';

const USER = '005000000000001AAA';
const ts = tx => `2026-03-01 08:00:${String(tx).padStart(2, '0')}+00`;
const born = tx => ({ ownerid: USER, createddate: ts(tx), createdbyid: USER, lastmodifieddate: ts(tx), lastmodifiedbyid: USER });
const long = name => `${name.slice(0, 54)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;

const text = names => Object.fromEntries(names.trim().split(/\s+/).map(name => [name, 'text']));
const address = p => ({
  ...text(['street', 'city', 'state', 'postalcode', 'country', 'statecode', 'countrycode', 'geocodeaccuracy'].map(part => p + part).join(' ')),
  [`${p}latitude`]: 'double precision', [`${p}longitude`]: 'double precision',
});
const timestamp = 'timestamp with time zone';
const stamps = { createddate: timestamp, createdbyid: 'text', lastmodifieddate: timestamp, lastmodifiedbyid: 'text' };
const seen = 'acme_packaged_1__the_place_where_this_was_seen_last_time';
const home = Object.fromEntries(Object.entries(address('')).map(([part, type]) => [`home__${part}__s`, type]));

const mass = (i, tx, seq, more) => [id('001', 100 + i), {
  ...born(12), name: `Mass ${i}`, score__c: '0.30000000000000004', lastmodifieddate: ts(tx), ...more, '@': [tx, seq],
}];

const described = {
  account: {
    columns: {
      ...text('id name salutation firstname lastname type parentid phone website description ownerid cleanstatus regions__c tier__c level__pc'), ...stamps,
      ...address('billing'), ...address('shipping'), ...address('personmailing'), annualrevenue: 'numeric', numberofemployees: 'integer', personbirthdate: 'date',
      opens__c: 'time without time zone', since__c: 'date', seen__c: timestamp, rate__c: 'numeric', score__c: 'numeric', loc__latitude__s: 'double precision', loc__longitude__s: 'double precision', vip__c: 'boolean',
    },
    rows: {
      '001A0000000000bIAA': {
        ...born(1), name: 'Söhne AG', parentid: '001000000000009AAA', phone: '110', website: 'https://example.com/?a=1&b=2',
        billingcity: 'Nürnberg', billingstate: 'Bayern', billingpostalcode: '80331', billingcountry: 'Germany', billingstatecode: 'BY', billingcountrycode: 'DE', billinglongitude: '11.5754', billinggeocodeaccuracy: 'Address',
        annualrevenue: '123456789012345.6', numberofemployees: '2147483647', description: WILD_TEXT, cleanstatus: 'Pending', regions__c: 'EMEA;APAC;Süd', tier__c: 'Platinum',
        opens__c: '00:00:00', since__c: '2022-05-31', seen__c: '2024-02-29 23:59:59.987+00', rate__c: '0', score__c: '2.5', vip__c: 'true', level__pc: 'Gold',
        lastmodifieddate: ts(40), '@': [40, 1],
      },
      '001a0000000000bAAA': {
        ...born(2), name: 'Analytical Engines', personmailingcity: 'London', personmailingpostalcode: 'W1', personbirthdate: '1815-12-10', vip__c: 'false', numberofemployees: '0',
        lastmodifieddate: ts(36), '@': [36, 1],
      },
      ...Object.fromEntries([
        ...[0, 1, 2].map(i => mass(i, 29, 1, { phone: '999' })),
        mass(3, 30, 1, { phone: '30a' }), mass(4, 31, 1, { phone: '31a' }), mass(5, 30, 2, { phone: '30b' }), mass(6, 31, 2, { phone: '31b' }),
        mass(7, 32, 1, { phone: '32a' }), mass(8, 33, 1, { phone: '33a' }), mass(9, 32, 2, { phone: '32b' }), mass(10, 33, 2, { phone: '33b' }),
        ...[11, 12, 13, 14, 15, 16, 17].map(i => mass(i, 13, 2)),
        mass(18, 14, 1, { lastmodifieddate: ts(13), _sync_deleted: 'true' }),
        mass(19, 15, 1, { name: 'Mass 19 again', score__c: '7' }),
      ]),
      '001000000000004AAA': { ...born(16), name: 'Caltech', '@': [16, 1] },
      '001000000000005AAA': { phone: '5', website: 'five.example', lastmodifieddate: ts(18), _sync_incomplete: 'true', '@': [18, 1] },
      '001000000000006AAA': { _sync_deleted: 'true', '@': [17, 2] },
      '001000000000007AAA': { ...born(21), name: 'Seven', tier__c: 'Silver', opens__c: '23:59:59.999', '@': [21, 1] },
    },
  },
  contact: {
    columns: {
      ...text('id accountid name salutation firstname middlename lastname suffix informalname email description ownerid jigsawcontactid'), ...stamps,
      ...address('other'), ...address('mailing'), birthdate: 'date', ispersonaccount: 'boolean', donotcall: 'boolean',
    },
    rows: {
      '003000000000001AAA': { ...born(2), accountid: '001a0000000000bAAA', ispersonaccount: 'true', name: 'Ada Lovelace', salutation: 'Ms.', firstname: 'Ada', lastname: 'Lovelace', birthdate: '1815-12-10', '@': [2, 2] },
      '003000000000002AAA': {
        ...born(3), name: 'Murray', lastname: 'Murray', email: 'grace@example.com', donotcall: 'true', mailingcity: 'New York', description: LONG_TEXT, jigsawcontactid: 'J-1', lastmodifieddate: ts(37), '@': [37, 1],
      },
      '003000000000003AAA': { ...born(16), name: 'Linus Pauling', firstname: 'Linus', lastname: 'Pauling', accountid: '001000000000004AAA', '@': [16, 2] },
      '003000000000009AAA': { ...born(3), name: 'Back', lastname: 'Back', lastmodifieddate: ts(19), '@': [19, 1] },
    },
  },
  lead: {
    columns: {
      ...text('id name salutation firstname lastname company status ownerid convertedaccountid convertedcontactid convertedopportunityid'), ...stamps, ...address(''),
      isconverted: 'boolean', converteddate: 'date',
    },
    rows: {
      '00Q000000000001AAA': {
        ...born(4), name: 'Linus Pauling', firstname: 'Linus', lastname: 'Pauling', company: 'Caltech', status: 'Closed - Converted', isconverted: 'true', converteddate: '2026-03-01',
        convertedaccountid: '001000000000004AAA', convertedcontactid: '003000000000003AAA', convertedopportunityid: '006000000000002AAA',
        street: 'E California Blvd', city: 'Pasadena', state: 'California', statecode: 'CA', latitude: '34.1', longitude: '-118.1', geocodeaccuracy: 'Zip', lastmodifieddate: ts(16), '@': [16, 4], _sync_commit_at: ts(17),
      },
    },
  },
  opportunity: {
    columns: { ...text('id accountid name stagename ownerid'), ...stamps, amount: 'numeric', probability: 'numeric', closedate: 'date', isclosed: 'boolean' },
    rows: {
      '006000000000001AAA': { ...born(6), accountid: '001A0000000000bIAA', name: 'Big deal', stagename: 'Prospecting', amount: '1000000000000000000000', probability: '33.333', closedate: '2026-12-31', isclosed: 'false', '@': [6, 1] },
      '006000000000002AAA': { ...born(16), accountid: '001000000000004AAA', name: 'Caltech-', stagename: 'Qualification', closedate: '2026-03-31', '@': [16, 3] },
    },
  },
  foo__c: {
    columns: {
      ...text('id ownerid name secret__c rich__c link__c tags__c'), ...stamps, ...home, amount__c: 'numeric', loc__latitude__s: 'double precision', loc__longitude__s: 'double precision',
      blob__c: 'bytea', serial__c: 'bigint', oddity: 'jsonb', [long(`${seen}__latitude__s`)]: 'double precision', [long(`${seen}__longitude__s`)]: 'double precision',
    },
    rows: {
      'a00000000000001AAA': {
        ...born(5), name: 'FOO-0001', amount__c: '-0.5', loc__latitude__s: '0', loc__longitude__s: '-1e-06', home__street__s: 'Nowhere 0', home__city__s: 'Bluff', home__countrycode__s: 'NZ', secret__c: '****',
        rich__c: '<p>a &amp; b</p>', link__c: 'http://a.example', tags__c: 'One;Two;Drei', blob__c: '\\x00ff10', serial__c: '9007199254740993', oddity: '{"Sure": true, "Words": "x \\"y\\"", "Weight": 1.5}',
        [long(`${seen}__latitude__s`)]: '1.25', [long(`${seen}__longitude__s`)]: '-2.5', lastmodifieddate: ts(23), '@': [23, 2],
      },
      'a00000000000002AAA': { ...born(23), name: 'FOO-0002', amount__c: '0.0000001', lastmodifieddate: ts(28), '@': [28, 1] },
      'a00000000000003AAA': { ...born(39), name: 'a\ufffdb', '@': [39, 1] },
      ...Object.fromEntries(Array.from({ length: 150 }, (_, i) => [id('a00', 1000 + i), { ...born(34), name: `FOO-${1000 + i}`, amount__c: String(i / 8), '@': [34, i + 1] }])),
    },
  },
};

// What every table has besides, and what a row was last written by.
const system = {
  _sync_event: 'bigint', _sync_source: 'text', _sync_deleted: 'boolean', _sync_incomplete: 'boolean', _sync_commit_at: timestamp, _sync_commit_number: 'bigint',
  _sync_transaction_key: 'text', _sync_sequence: 'integer', _sync_applied_at: timestamp,
};
const written = ({ '@': [tx, seq], ...row }) => ({
  _sync_source: 'cdc', _sync_deleted: 'false', _sync_incomplete: 'false', _sync_commit_at: ts(tx), _sync_commit_number: tx < 10 ? `170000000000000000${tx}` : `109000000${tx}`,
  _sync_transaction_key: `000000${String(tx).padStart(2, '0')}-0000-4000-8000-00000000abcd`, _sync_sequence: String(seq), ...row,
});
export const tables = Object.fromEntries(Object.entries(described).map(([name, { columns, rows }]) => [
  name, { columns: { ...columns, ...system }, rows: Object.fromEntries(Object.entries(rows).map(([id, row]) => [id, { id, ...written(row) }])) },
]));

// Objects and records that must be known as in need of another look, whatever the reasons are called; null is the whole object.
export const repairs = [
  ['Account', '001A0000000000bIAA'], // more than 15 digits
  ...Array.from({ length: 20 }, (_, i) => ['Account', id('001', 100 + i)]),
  ['Account', '001000000000005AAA'], // updated, never seen
  ['Account', '001000000000008AAA'], ['Account', '001000000000010AAA'], // GAP_CREATE
  ['Contact', '003000000000002AAA'], // GAP_UPDATE, and a text diff
  ['Opportunity', null], // overflow
  ['Opportunity', '006000000000001AAA'], // its event does not decode
  ['Lead', null], // 00Q*
  ['Foo__c', 'a00000000000001AAA'], // a kind of change that nobody knows
];

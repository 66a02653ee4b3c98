// The objects of an org that is not ours, in the shapes that captured event schemas have, and payloads in them, encoded by avsc.
import { createHash } from 'node:crypto';
import avro from 'avsc';

const NAMESPACE = 'com.sforce.eventbus';
const optional = (name, type) => ({ name, type: ['null', type], default: null });
const record = (name, fields) => ({ type: 'record', name, fields });

// Children have no doc; a record is defined where it is first used and named after that.
const address = (...parts) => record('Address', parts.map(p => optional(p, /^(Lat|Long)itude$/.test(p) ? 'double' : 'string')));
export const Address = address('Street', 'City', 'State', 'PostalCode', 'Country', 'StateCode', 'CountryCode', 'Latitude', 'Longitude', 'GeocodeAccuracy');
const AddressWithXyz = address('Street', 'City', 'State', 'PostalCode', 'Country', 'StateCode', 'CountryCode', 'Latitude', 'Longitude', 'Xyz', 'GeocodeAccuracy');
export const Location = record('Location', [optional('Latitude', 'double'), optional('Longitude', 'double')]);
export const person = (name, ...parts) => record(name, parts.map(p => optional(p, 'string')));

const TYPES = ['CREATE', 'UPDATE', 'DELETE', 'UNDELETE', 'GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW', 'SNAPSHOT'];
const header = symbols => ({
  name: 'ChangeEventHeader', doc: 'Data:ComplexValueType',
  type: record('ChangeEventHeader', [
    { name: 'entityName', type: 'string' },
    { name: 'recordIds', type: { type: 'array', items: 'string' } },
    { name: 'changeType', type: { type: 'enum', name: 'ChangeType', symbols } },
    { name: 'changeOrigin', type: 'string' },
    { name: 'transactionKey', type: 'string' },
    { name: 'sequenceNumber', type: 'int' },
    { name: 'commitTimestamp', type: 'long' },
    { name: 'commitNumber', type: 'long' },
    { name: 'commitUser', type: 'string' },
    ...['nulledFields', 'diffFields', 'changedFields'].map(name => ({ name, type: { type: 'array', items: 'string' } })),
  ]),
});

const WIRE = { Boolean: 'boolean', Integer: 'int', Double: 'double', Currency: 'double', Percent: 'double', DateTime: 'long', DateOnly: 'long', TimeOnly: 'long' };
const ROLE = { EntityId: 'ForeignKey' };
let fieldNumber = 0;

// 'Name:DocType', or [name, doc type, Avro type] where the type says more than the doc does.
export const field = spec => {
  const [name, kind, type] = Array.isArray(spec) ? spec : spec.split(':');
  const role = name === 'CreatedDate' ? 'CreatedDate' : ROLE[kind] ?? 'Data';
  const custom = /__p?c$/.test(name) ? `:00N5j00000A${String(1000 + fieldNumber++).slice(1)}x` : '';
  const union = Array.isArray(type) ? type : ['null', type ?? WIRE[kind] ?? 'string'];
  return { name, type: union, doc: `${role}:${kind}${custom}`, default: null };
};

// Numbers pass 2^53 in commitNumber: longs are BigInt here.
const longs = avro.types.LongType.__with({
  fromBuffer: b => b.readBigInt64LE(), toBuffer: n => { const b = Buffer.alloc(8); b.writeBigInt64LE(n); return b; },
  fromJSON: BigInt, toJSON: Number, isValid: n => typeof n === 'bigint', compare: (a, b) => (a < b ? -1 : Number(a > b)),
});

export class Schema {
  constructor(entity, fields, symbols = TYPES) {
    this.entity = entity;
    const root = { ...record(entity.replace(/__c$/, '_') .concat(entity.endsWith('__c') ? '_ChangeEvent' : 'ChangeEvent'), [header(symbols), ...fields]), namespace: NAMESPACE };
    this.fields = root.fields;
    this.json = JSON.stringify(root);
    this.id = createHash('md5').update(this.json).digest('base64url');
    this.type = avro.Type.forSchema(root, { wrapUnions: true, registry: { long: longs } });
  }

  encode(headerValues, values) {
    const [first, ...rest] = this.type.fields;
    for (const name of Object.keys(values))
      if (!rest.some(f => f.name === name)) throw new Error(`${this.entity} has no ${name}`);
    return this.type.toBuffer({ [first.name]: headerValues, ...Object.fromEntries(rest.map(f => [f.name, wrap(f.type, values[f.name])])) });
  }

  // Section 5 of the public description: bit i is field i, most significant byte first; children as '<position>-0x...'.
  bitmap(names) {
    const groups = new Map();
    for (const name of names) {
      const [parent, child] = name.split('.');
      const position = this.position(this.fields, parent);
      const [key, bit] = child === undefined ? ['', position] : [`${position}-`, this.position(this.children(position), child)];
      groups.set(key, (groups.get(key) ?? 0n) | (1n << BigInt(bit)));
    }
    return [...groups].sort(([a], [b]) => Number(a.slice(0, -1)) - Number(b.slice(0, -1))).map(([key, bits]) => {
      const hex = bits.toString(16).toUpperCase();
      return `${key}0x${hex.length % 2 ? '0' : ''}${hex}`;
    });
  }

  position(fields, name) {
    const at = fields.findIndex(f => f.name === name);
    if (at < 0) throw new Error(`${this.entity}: no ${name}`);
    return at;
  }

  children(position) {
    const named = this.fields[position].type.at(-1);
    if (typeof named === 'object') return named.fields;
    return this.fields.flatMap(f => f.type).find(t => t.name === named).fields;
  }
}

const wrap = (type, value) => {
  if (value === undefined || value === null) return null;
  const branch = type.types.find(t => {
    switch (t.typeName) {
      case 'null': return false;
      case 'record': return typeof value === 'object' && !Buffer.isBuffer(value) && !Array.isArray(value);
      case 'array': return Array.isArray(value);
      case 'bytes': return Buffer.isBuffer(value);
      default: return typeof value !== 'object';
    }
  });
  const content = branch.typeName === 'record'
    ? Object.fromEntries(branch.fields.map(f => [f.name, wrap(f.type, value[f.name])]))
    : branch.typeName.endsWith('long') ? BigInt(value) : value;
  return { [branch.branchName]: content };
};

const stamps = ['CreatedDate:DateTime', 'CreatedById:EntityId', 'LastModifiedDate:DateTime', 'LastModifiedById:EntityId'];
const before = [
  ['Name', 'Switchable_PersonName', ['null', 'string', person('Switchable_PersonName', 'Salutation', 'FirstName', 'LastName')]],
  'Type:DynamicEnum', 'ParentId:EntityId', ['BillingAddress', 'Address', Address], ['ShippingAddress', 'Address', 'Address'],
  'Phone:Phone', 'Website:Url', 'AnnualRevenue:Currency', 'NumberOfEmployees:Integer', 'Description:StringPlusClob', 'OwnerId:EntityId', ...stamps,
  ['PersonMailingAddress', 'Address', 'Address'], 'PersonBirthdate:DateOnly', 'CleanStatus:StaticEnum', 'Regions__c:MultiEnum',
].map(field);
const after = ['Opens__c:TimeOnly', 'Since__c:DateOnly', 'Seen__c:DateTime', 'Rate__c:Percent', 'Score__c:Double', ['Loc__c', 'Location', Location], 'Vip__c:Boolean', 'Level__pc:DynamicEnum'].map(field);

const foo = [
  'OwnerId:EntityId', 'Name:Text', ...stamps, 'Amount__c:Double', ['Loc__c', 'Location', Location], ['Home__c', 'Address', Address], 'Secret__c:EncryptedText',
  'Rich__c:HtmlStringPlusClob', 'Link__c:Url', ['Tags__c', 'Preferences', { type: 'array', items: 'string' }], ['Blob__c', 'Content', 'bytes'], ['Serial__c', 'Whatever', 'long'],
  ['Oddity', 'Oddity', record('Oddity', [optional('Words', 'string'), optional('Weight', 'double'), optional('Sure', 'boolean')])],
  ['acme_packaged_1__The_place_where_this_was_seen_last_time__c', 'Location', 'Location'],
].map(field);

export const schemas = {
  account: new Schema('Account', [...before, ...after]),
  // A field is added in the middle: every position behind it moves.
  accountWithTier: new Schema('Account', [...before, field('Tier__c:Text'), ...after]),
  contact: new Schema('Contact', [
    'AccountId:EntityId', 'IsPersonAccount:Boolean', ['Name', 'PersonName', person('PersonName', 'Salutation', 'FirstName', 'LastName', 'MiddleName', 'InformalName', 'Suffix')],
    ['OtherAddress', 'Address', Address], ['MailingAddress', 'Address', 'Address'], 'Email:Email', 'Birthdate:DateOnly', 'Description:StringPlusClob', 'OwnerId:EntityId', 'DoNotCall:Boolean',
    ...stamps, 'JigsawContactId:ExternalId',
  ].map(field)),
  lead: new Schema('Lead', [
    ['Name', 'PersonName', person('PersonName', 'Salutation', 'FirstName', 'LastName')], 'Company:Text', ['Address', 'Address', AddressWithXyz], 'Status:DynamicEnum', 'OwnerId:EntityId',
    'IsConverted:Boolean', 'ConvertedDate:DateOnly', 'ConvertedAccountId:EntityId', 'ConvertedContactId:EntityId', 'ConvertedOpportunityId:EntityId', ...stamps,
  ].map(field)),
  opportunity: new Schema('Opportunity', [
    'AccountId:EntityId', 'Name:Text', 'StageName:DynamicEnum', 'Amount:Currency', 'Probability:Percent', 'CloseDate:DateOnly', 'IsClosed:Boolean', 'OwnerId:EntityId', ...stamps,
  ].map(field)),
  foo: new Schema('Foo__c', foo),
  fooNextRelease: new Schema('Foo__c', foo, [...TYPES, 'RESTATED']),
};

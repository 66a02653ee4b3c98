// The objects of a port's org: what describe tells of them, what their change events look like, and what a column of each field is called and holds.
import { Address, Location, Schema, field, person } from './org-schemas.mjs';

const ADDRESS = ['Street', 'City', 'State', 'PostalCode', 'Country', 'StateCode', 'CountryCode', 'Latitude', 'Longitude', 'GeocodeAccuracy'];
const DESCRIBED = {
  Text: 'string', Phone: 'phone', Url: 'url', Email: 'email', Currency: 'currency', Percent: 'percent', Double: 'double', Integer: 'int', Boolean: 'boolean', DateTime: 'datetime', DateOnly: 'date',
  TimeOnly: 'time', StringPlusClob: 'textarea', HtmlStringPlusClob: 'textarea', DynamicEnum: 'picklist', MultiEnum: 'multipicklist', EntityId: 'reference', EncryptedText: 'encryptedstring', ExternalId: 'string',
};
const numbers = new Set(['currency', 'percent', 'double', 'int']);

// What a part of a compound is called outside of events.
const flat = (name, part) => (name === 'Name' ? part : name.endsWith('__c') ? `${name.slice(0, -3)}__${part}__s` : name.replace(/Address$/, '') + part);
const partType = part => (/^(Lat|Long)itude$/.test(part) ? 'double' : part === 'Salutation' ? 'picklist' : 'string');

export class Obj {
  // streamed: 'Name:Doc' or {name, doc, parts, avro}; only: [name, type] that describe has and events do not.
  constructor(name, prefix, streamed, only = []) {
    Object.assign(this, { name, prefix, only, hidden: new Set() });
    this.shape(streamed);
  }

  shape(streamed) {
    this.streamed = streamed.map(f => (typeof f === 'string' ? { name: f.split(':')[0], doc: f.split(':')[1] } : f));
    // A field keeps its id for life.
    this.avro ??= new Map();
    for (const f of this.streamed) if (!this.avro.has(f.name)) this.avro.set(f.name, field(f.avro ? [f.name, f.doc, f.avro] : `${f.name}:${f.doc}`));
    this.schema = new Schema(this.name, this.streamed.map(f => this.avro.get(f.name)));
    this.fields = [{ name: 'Id', type: 'id' }];
    for (const f of this.streamed) {
      if (!f.parts) this.fields.push({ name: f.name, type: DESCRIBED[f.doc], column: true });
      else {
        const type = { Address: 'address', Location: 'location' }[f.doc] ?? 'string';
        const extra = { PersonName: 'personname', Switchable_PersonName: 'switchablepersonname' }[f.doc] ?? null;
        this.fields.push({ name: f.name, type, extra, column: type === 'string', compound: f.name === 'Name' && extra === 'switchablepersonname' ? 'Name' : null });
        for (const part of f.parts) this.fields.push({ name: flat(f.name, part), type: partType(part), compound: f.name, column: true });
      }
    }
    this.fields.push(
      ...this.only.map(([name, type]) => ({ name, type, calculated: type === 'formula' })),
      ...(this.plain ? [] : [{ name: 'IsDeleted', type: 'boolean' }, { name: 'SystemModstamp', type: 'datetime' }, { name: 'LastViewedDate', type: 'datetime' }]));
  }

  // An org that describes nothing but its own fields.
  strip() {
    this.plain = true;
    this.shape(this.streamed);
  }

  // A field is added behind the first: positions behind it move.
  grow(spec) {
    this.shape([this.streamed[0], spec, ...this.streamed.slice(1)]);
  }

  find(name) {
    const found = this.fields.find(f => f.name.toLowerCase() === name.toLowerCase());
    return found && !this.hidden.has(found.name) ? found : undefined;
  }

  // What an event has for a record, and the names of what changed in the words of its bitmaps.
  body(values, names) {
    const wanted = f => names === undefined || names.has(f);
    const body = {}, listed = [], nulled = [];
    const whole = f => f.doc === 'Switchable_PersonName' && values.LastName == null;
    for (const f of this.streamed) {
      if (!f.parts || whole(f)) {
        if (!wanted(f.name)) continue;
        body[f.name] = this.event(f, values[f.name]);
        listed.push(f.name);
        if (values[f.name] == null) nulled.push(f.name);
        continue;
      }
      const parts = f.parts.filter(p => wanted(flat(f.name, p)));
      if (parts.length === 0) continue;
      const given = Object.fromEntries(parts.map(p => [p, this.part(p, values[flat(f.name, p)])]));
      if (Object.values(given).some(v => v !== null)) body[f.name] = given;
      listed.push(...parts.map(p => `${f.name}.${p}`));
      nulled.push(...parts.filter(p => given[p] === null).map(p => `${f.name}.${p}`));
    }
    return { body, listed, nulled };
  }

  part(name, value) {
    return value == null ? null : partType(name) === 'double' ? Number(value) : value;
  }

  event(f, value) {
    if (value == null) return null;
    if (f.doc === 'DateOnly') return Date.parse(`${value}T00:00:00Z`);
    return numbers.has(DESCRIBED[f.doc]) ? Number(value) : value;
  }

  describe(sparse) {
    return this.fields.filter(f => !this.hidden.has(f.name)).map(f => {
      const told = { name: f.name, type: f.type === 'formula' ? 'double' : f.type };
      if (f.compound) told.compoundFieldName = f.compound;
      if (f.extra) told.extraTypeInfo = f.extra;
      if (f.calculated) told.calculated = true;
      if (sparse) return told;
      const number = numbers.has(f.type);
      return {
        aggregatable: true, autoNumber: false, byteLength: 765, calculated: false, compoundFieldName: null, custom: f.name.endsWith('__c'), extraTypeInfo: null, length: number ? 0 : 255, nillable: f.name !== 'Id',
        precision: number ? 18 : 0, scale: number ? 2 : 0, soapType: number ? 'xsd:double' : 'xsd:string', label: f.name, ...told,
      };
    });
  }
}

const stamps = ['OwnerId:EntityId', 'CreatedDate:DateTime', 'CreatedById:EntityId', 'LastModifiedDate:DateTime', 'LastModifiedById:EntityId'];
const name = (doc, ...parts) => ({ name: 'Name', doc, parts, avro: doc === 'PersonName' ? person(doc, ...parts) : ['null', 'string', person(doc, ...parts)] });

export const makeObjects = () => [
  new Obj('Account', '001', [
    name('Switchable_PersonName', 'Salutation', 'FirstName', 'LastName'), 'Phone:Phone', 'Website:Url', 'AnnualRevenue:Currency', 'NumberOfEmployees:Integer', 'Description:StringPlusClob', 'ParentId:EntityId',
    { name: 'BillingAddress', doc: 'Address', parts: ADDRESS, avro: Address }, ...stamps, 'Regions__c:MultiEnum', 'Secret__c:EncryptedText', 'Opens__c:TimeOnly', 'Since__c:DateOnly',
    { name: 'Pier__c', doc: 'Location', parts: ['Latitude', 'Longitude'], avro: Location }, 'Vip__c:Boolean',
  ], [['IsPersonAccount', 'boolean'], ['MasterRecordId', 'reference'], ['PhotoUrl', 'url'], ['Logo__c', 'base64'], ['Weird', 'anyType'], ['Rank__c', 'formula']]),
  new Obj('Contact', '003', [
    'AccountId:EntityId', name('PersonName', 'Salutation', 'FirstName', 'LastName', 'MiddleName', 'Suffix'), 'Email:Email', 'Birthdate:DateOnly', 'Description:StringPlusClob',
    { name: 'MailingAddress', doc: 'Address', parts: ADDRESS, avro: Address }, ...stamps,
  ], [['ReportsTo', 'complexvalue'], ['Photo', 'base64']]),
  new Obj('Vessel__c', 'a0V', [
    ...stamps.slice(0, 1), 'Name:Text', ...stamps.slice(1), 'Tonnage__c:Double', 'Crew__c:Integer', 'Value__c:Currency', 'Log__c:StringPlusClob', 'Flags__c:MultiEnum', 'Keeper__c:EntityId', 'Seen__c:DateTime', 'Share__c:Percent',
    { name: 'Home__c', doc: 'Address', parts: ADDRESS, avro: Address },
  ], [['Age__c', 'formula'], ['ConnectionReceivedId', 'reference']]),
  new Obj('Berth_Call__c', 'a0B', ['Name:Text', ...stamps.slice(1), 'Vessel__c:EntityId', 'Fee__c:Currency', 'Note__c:StringPlusClob', 'Paid__c:Boolean']),
];

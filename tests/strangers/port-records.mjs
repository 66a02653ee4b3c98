// The records of a port's org as they are in Salesforce, which is the truth, and the transactions that change them: with events, with gap events, or in silence.
import { createHash, randomUUID } from 'node:crypto';
import { makeObjects } from './port-objects.mjs';
import { difference } from './port-text.mjs';

export const USER = '005PO000000001BYAQ';
const LONG = new Set(['Description', 'Log__c', 'Note__c']);

// The last three of an id tell the case of the others.
const eighteen = id => id + [0, 5, 10].map(at => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'[[0, 1, 2, 3, 4].reduce((bits, i) => bits | (/[A-Z]/.test(id[at + i]) ? 1 << i : 0), 0)]).join('');

export class Port {
  constructor({ random, skew = 0, publish, foreignGaps = true, enriched = false }) {
    Object.assign(this, { random, skew, publish, foreignGaps, enriched });
    this.objects = new Map(makeObjects().map(o => [o.name, o]));
    this.rows = new Map();
    this.counter = 0;
    this.commits = 0;
  }

  now() {
    return Date.now() + this.skew;
  }

  objectOf(name) {
    return [...this.objects.values()].find(o => o.name.toLowerCase() === name.toLowerCase() && !o.denied);
  }

  live(object) {
    return [...this.rows.values()].filter(r => r.object.name === object && !r.purged && !r.values.IsDeleted);
  }

  binned(object) {
    return [...this.rows.values()].filter(r => r.object.name === object && !r.purged && r.values.IsDeleted);
  }

  // What queries see.
  list(object, all) {
    return [...this.rows.values()].filter(r => r.object.name === object.name && !r.purged && (all || !r.values.IsDeleted)).map(r => r.values);
  }

  // Everything in `act` commits together.
  transaction(act) {
    const transaction = new Transaction(this);
    act(transaction);
    transaction.commit();
  }

  newId(object) {
    this.counter++;
    const tail = [...Array(12)].map((_, i) => 'abcXYZ0189'[(this.counter * (i + 3) + Math.floor(this.counter / (i + 1))) % 10]).join('').slice(0, 7);
    return eighteen(`${object.prefix}${tail}${String(this.counter).padStart(5, '0')}`);
  }
}

class Transaction {
  constructor(port) {
    Object.assign(this, { port, key: randomUUID(), sequence: 0, events: [], at: Math.floor(port.now() / 1000) * 1000 });
  }

  // how: event (default), gap, none.
  create(objectName, values, how = 'event') {
    const object = this.port.objects.get(objectName), id = this.port.newId(object);
    const row = { object, values: { OwnerId: USER, CreatedDate: this.at, CreatedById: USER, ...this.named(object, values), Id: id, IsDeleted: false } };
    if (!object.find('OwnerId')) delete row.values.OwnerId;
    this.stamp(row);
    this.port.rows.set(id, row);
    this.tell(object, 'CREATE', [id], () => object.body(row.values), how);
    return id;
  }

  // The same change to one or more records of an object.
  update(ids, changes, how = 'event') {
    const rows = [ids].flat().map(id => this.port.rows.get(id)), { object } = rows[0];
    const before = { ...rows[0].values };
    for (const row of rows) {
      Object.assign(row.values, this.named(object, { ...row.values, ...changes }));
      this.stamp(row);
    }
    const names = new Set([...Object.keys(changes), 'LastModifiedDate']);
    this.tell(object, 'UPDATE', [ids].flat(), () => this.changed(object, rows, before, names), how);
  }

  remove(ids, how = 'event') {
    const rows = [ids].flat().map(id => this.port.rows.get(id));
    for (const row of rows) {
      row.values.IsDeleted = true;
      row.values.SystemModstamp = this.at;
    }
    this.tell(rows[0].object, 'DELETE', [ids].flat(), () => ({ body: {} }), how);
  }

  restore(id, how = 'event') {
    const row = this.port.rows.get(id);
    row.values.IsDeleted = false;
    this.stamp(row);
    this.tell(row.object, 'UNDELETE', [id], () => row.object.body(row.values), how);
  }

  // Out of the recycle bin too: nothing ever says so.
  purge(id) {
    this.port.rows.get(id).purged = true;
  }

  overflow(objectName) {
    this.raw(this.port.objects.get(objectName), 'GAP_OVERFLOW', ['000000000000000AAA'], { body: {} });
  }

  // A field's type was changed with loss: it is empty in every record now, and one event without fields says that something is.
  wildcard(objectName, field) {
    const object = this.port.objects.get(objectName);
    for (const row of this.port.rows.values()) if (row.object === object) row.values[field] = null;
    this.raw(object, 'UPDATE', [`${object.prefix}*`], { body: {} });
  }

  named(object, values) {
    if (!object.find('LastName')) return values;
    const parts = ['FirstName', 'MiddleName', 'LastName', 'Suffix'].map(p => values[p]).filter(p => p != null);
    if (parts.length > 0) return { ...values, Name: parts.join(' '), ...(object.find('IsPersonAccount') ? { IsPersonAccount: true } : {}) };
    return object.name === 'Contact' ? { ...values, Name: null } : { ...values, IsPersonAccount: false };
  }

  stamp(row) {
    row.values.LastModifiedDate = row.values.SystemModstamp = this.at;
    row.values.LastModifiedById = USER;
  }

  // Long texts go as differences where those are shorter.
  changed(object, rows, before, names) {
    const told = object.body(rows[0].values, names), diff = [];
    if (rows.length === 1) {
      for (const name of names) {
        const patch = LONG.has(name) && before[name] != null && rows[0].values[name] != null ? difference(before[name], rows[0].values[name]) : undefined;
        if (!patch) continue;
        told.body[name] = patch;
        diff.push(name);
      }
    }
    return { ...told, changed: told.listed, diff };
  }

  tell(object, changeType, ids, body, how) {
    if (how === 'none') return;
    if (how === 'gap') this.raw(object, `GAP_${changeType}`, ids, { body: {} }, this.port.foreignGaps ? randomUUID() : this.key);
    else {
      const told = changeType === 'UPDATE' || changeType === 'DELETE' ? body() : { body: body().body };
      // Where a channel is enriched, what happened to several records comes record by record, under one replay id.
      const groups = this.port.enriched && changeType === 'UPDATE' ? ids.map(id => [id]) : [ids];
      groups.forEach((some, i) => this.raw(object, changeType, some, told, this.key, how === 'damaged', i > 0));
    }
  }

  raw(object, changeType, ids, { body, changed = [], nulled = [], diff = [] }, key = this.key, damaged = false, sibling = false) {
    const schema = object.schema, bits = names => (names.length ? schema.bitmap(names) : []);
    const header = {
      entityName: object.name, recordIds: ids, changeType, changeOrigin: this.sequence % 3 ? 'com/salesforce/api/soap/66.0;client=SfdcInternalAPI/' : '', transactionKey: key, sequenceNumber: sibling ? this.sequence : ++this.sequence,
      commitTimestamp: BigInt(this.at), commitNumber: 1760000000000000000n + BigInt(this.port.commits), commitUser: USER,
      nulledFields: changeType === 'UPDATE' ? bits(nulled) : [], diffFields: bits(diff), changedFields: changeType === 'UPDATE' ? bits(changed) : [],
    };
    let payload = schema.encode(header, body);
    if (damaged) payload = payload.subarray(0, payload.length - 1);
    this.events.push({ id: createHash('md5').update(key + ids + changeType + this.sequence).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), schema_id: schema.id, payload, sibling });
  }

  commit() {
    this.port.commits++;
    this.port.publish(this.events);
  }
}

// What happens in a port's org: its first records, an ordinary life, and all that Change Data Capture tells badly or not at all. The same seed, the same life.
import { edited, longText } from './port-text.mjs';

export const randomOf = seed => {
  let state = seed * 2654435761 >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
};

const TEXTS = ['plain', 'a "quoted" one', 'comma, and\nline', 'crlf\r\nline', '=1+1', '\\N', 'null', '{"a":[1]}', "it's", 'ÄÖÜ 日本', '🦊👩‍👩‍👧', 'x;y', '0', 'a\tb', '""', 'false'];
const NUMBERS = ['0', '0.01', '-12.5', '1234567.89', '33.333', '100000000', '123456789012345.67', '9999999999999999.99', '123456789012345.004', '-1234567890123456.7', '0.000001', '98765432109876543'];

export class Life {
  constructor(port, random) {
    Object.assign(this, { port, random });
  }

  pick(list) {
    return list[this.random(list.length)];
  }

  maybe(value) {
    return this.random(4) === 0 ? null : value();
  }

  values(object) {
    const text = () => this.pick(TEXTS), number = () => this.pick(NUMBERS), id = of => this.maybe(() => this.pick(this.port.live(of))?.values.Id);
    const address = prefix => Object.fromEntries([['Street', text()], ['City', this.maybe(text)], ['CountryCode', 'DE'], ['Latitude', this.maybe(() => String(this.random(180) - 90 + 0.0625))]].map(([p, v]) => [prefix(p), v]));
    const person = () => ({ Salutation: this.maybe(() => 'Dr.'), FirstName: this.maybe(() => this.pick(['Ada', 'Bo', 'Céline'])), LastName: this.pick(['Lovelace', 'Ngô', 'van der "Q"']) });
    switch (object) {
      case 'Account': return {
        ...(this.random(3) ? { Name: text() } : person()), Phone: this.maybe(text), Website: this.maybe(() => 'https://a.example/?q=1&r=2'), AnnualRevenue: this.maybe(number), NumberOfEmployees: this.maybe(() => String(this.random(2 ** 31))),
        Description: this.maybe(() => longText(this.random, 20 + this.random(60))), ...address(p => `Billing${p}`), Regions__c: this.maybe(() => 'EMEA;Süd'), Secret__c: this.maybe(() => '****'), Opens__c: this.maybe(() => this.random(86400000)),
        Since__c: this.maybe(() => this.pick(['1815-12-10', '2024-02-29'])), Pier__Latitude__s: this.maybe(() => '-33.8688'), Pier__Longitude__s: this.maybe(() => '151.2093'), Vip__c: this.random(2) === 0, ParentId: id('Account'),
      };
      case 'Contact': return {
        AccountId: id('Account'), ...person(), MiddleName: this.maybe(() => 'M.'), Suffix: this.maybe(() => 'Jr.'), ...(this.random(12) ? {} : { FirstName: null, LastName: null, MiddleName: null, Suffix: null, Salutation: null }),
        Email: this.maybe(() => 'a@b.example'), Birthdate: this.maybe(() => '1999-12-31'), Description: this.maybe(() => longText(this.random)), ...address(p => `Mailing${p}`),
      };
      case 'Vessel__c': return {
        Name: text(), Tonnage__c: this.maybe(number), Crew__c: this.maybe(() => String(this.random(400))), Value__c: this.maybe(number), Log__c: this.maybe(() => longText(this.random)), Flags__c: this.maybe(() => 'One;Two'),
        Keeper__c: id('Account'), Seen__c: this.maybe(() => 1709251199987), Share__c: this.maybe(() => '12.125'), ...address(p => `Home__${p}__s`),
        ...(this.port.objects.get(object).find('Draft__c') ? { Draft__c: this.maybe(number) } : {}),
      };
      default: return { Name: `BC-${this.random(1e6)}`, Vessel__c: id('Vessel__c'), Fee__c: this.maybe(number), Note__c: this.maybe(text), Paid__c: this.random(2) === 0 };
    }
  }

  // Some of an object's fields with new values; long texts mostly edited.
  change(object, row) {
    const all = this.values(object), names = Object.keys(all).filter(n => !['Salutation', 'FirstName', 'LastName', 'MiddleName', 'Suffix', 'Name'].includes(n));
    const changes = Object.fromEntries(Array.from({ length: 1 + this.random(4) }, () => this.pick(names)).map(n => [n, all[n]]));
    for (const name of ['Description', 'Log__c', 'Note__c']) if (row.values[name]?.length > 1000 && this.random(2)) changes[name] = edited(this.random, row.values[name]);
    if (row.values.LastName != null && this.random(3) === 0) Object.assign(changes, this.pick([{ FirstName: 'New' }, { LastName: 'Renamed' }, { FirstName: null }, { Salutation: 'Prof.' }]));
    else if (row.values.LastName == null && object !== 'Contact' && this.random(3) === 0) changes.Name = `${this.pick(TEXTS)} again`;
    return changes;
  }

  begin(counts = { Account: 60, Contact: 60, Vessel__c: 90, Berth_Call__c: 230 }) {
    for (const [object, count] of Object.entries(counts)) {
      this.port.transaction(tx => { for (let i = 0; i < count; i++) tx.create(object, this.values(object), 'none'); });
      this.port.transaction(tx => tx.remove(this.port.live(object).slice(0, 4).map(r => r.values.Id), 'none'));
      this.port.transaction(tx => tx.purge(this.port.live(object)[0].values.Id));
    }
  }

  // One transaction of ordinary life, told by events unless something else is said.
  live(how = () => 'event') {
    this.port.transaction(tx => {
      for (let i = 1 + this.random(5); i > 0; i--) {
        const object = this.pick([...this.port.objects.keys()]), live = this.port.live(object), row = this.pick(live);
        switch (this.random(9)) {
          case 0: case 1: tx.create(object, this.values(object), how()); break;
          case 2: if (live.length > 20) tx.remove(row.values.Id, how()); break;
          case 3: { const binned = this.port.binned(object); if (binned.length) tx.restore(this.pick(binned).values.Id, how()); break; }
          case 4: if (row) tx.update(this.some(live, 3), object === 'Contact' ? { Email: 'merged@b.example' } : object === 'Account' ? { Phone: '110' } : object === 'Vessel__c' ? { Crew__c: '7' } : { Paid__c: true }, how()); break;
          default: if (row) tx.update(row.values.Id, this.change(object, row), how());
        }
      }
    });
  }

  some(rows, count) {
    const ids = new Set(Array.from({ length: rows.length === 0 ? 0 : count }, () => this.pick(rows).values.Id));
    return [...ids];
  }

  // What events tell only by halves.
  gaps() {
    const { port, random } = this;
    for (let i = 0; i < 12; i++) this.live(() => this.pick(['event', 'gap']));
    const accounts = port.live('Account'), vessels = port.live('Vessel__c'), calls = port.live('Berth_Call__c');
    port.transaction(tx => tx.update(this.some(calls, 40), { Fee__c: '4.5' }, 'gap'));
    port.transaction(tx => tx.update(this.some(accounts, 2), { Website: 'unreadable.example' }, 'damaged'));
    // Two edits, the first of them lost: the second one's difference does not fit.
    for (const row of vessels.filter(v => v.values.Log__c?.length > 1200).slice(0, 3)) {
      port.transaction(tx => tx.update(row.values.Id, { Log__c: edited(random, row.values.Log__c) }, 'none'));
      port.transaction(tx => tx.update(row.values.Id, { Log__c: edited(random, row.values.Log__c), Crew__c: '3' }));
    }
    // More than an event can tell: the rest of the transaction is only known to have happened.
    port.transaction(tx => {
      this.some(vessels, 5).forEach(id => tx.update(id, { Crew__c: '11' }));
      this.some(vessels, 30).forEach(id => tx.update(id, { Value__c: '1000000.01', Name: 'overflown' }, 'none'));
      for (let i = 0; i < 10; i++) tx.create('Vessel__c', this.values('Vessel__c'), 'none');
      tx.remove(this.some(port.live('Vessel__c'), 4), 'none');
      tx.overflow('Vessel__c');
    });
    port.transaction(tx => tx.wildcard('Account', 'Regions__c'));
    for (let i = 0; i < 8; i++) this.live(() => this.pick(['event', 'event', 'gap']));
  }

  // Two accounts become one: what pointed at the loser points at the winner, and nothing says so.
  merge() {
    const [winner, loser] = this.some(this.port.live('Account'), 2);
    if (!loser) return;
    const children = this.port.live('Contact').filter(c => c.values.AccountId === loser).map(c => c.values.Id);
    this.port.transaction(tx => {
      tx.remove(loser);
      tx.update(winner, { Phone: 'merged' });
      if (children.length > 0) tx.update(children, { AccountId: winner }, 'none');
    });
    for (const id of children) this.port.rows.get(id).silent = true;
  }

  // Nothing of it is ever told: deletes for good, and a change or two.
  silence() {
    // A change within the second of an event that was told has the time of that event: no stamp shows it.
    const still = object => this.port.live(object).filter(r => r.values.SystemModstamp < this.port.now() - 2000);
    for (const object of ['Contact', 'Berth_Call__c', 'Vessel__c']) {
      for (const id of this.some(still(object), 3)) this.port.transaction(tx => { tx.remove(id, 'none'); tx.purge(id); });
      const ids = this.some(still(object), 2);
      if (ids.length === 0) continue;
      this.port.transaction(tx => tx.update(ids, object === 'Contact' ? { Email: 'silent@b.example' } : { Name: 'silent' }, 'none'));
      for (const id of ids) this.port.rows.get(id).silent = true;
    }
  }

  // An outage: everything happens, nothing is kept.
  outage() {
    for (let i = 0; i < 25; i++) this.live(() => 'none');
    for (const object of this.port.objects.keys()) {
      const [binned] = this.port.binned(object);
      if (binned) this.port.transaction(tx => tx.restore(binned.values.Id, 'none'));
      for (const id of this.some(this.port.live(object), 1)) this.port.transaction(tx => { tx.remove(id, 'none'); tx.purge(id); });
    }
  }

  // A new field, with a value in every record that was there before.
  grow() {
    const object = this.port.objects.get('Vessel__c');
    object.grow('Draft__c:Double');
    for (const row of this.port.rows.values()) if (row.object === object) row.values.Draft__c = '7.5';
    this.port.transaction(tx => tx.create('Vessel__c', this.values('Vessel__c')));
    for (let i = 0; i < 4; i++) this.live();
  }
}

// The HTTP side of a port's org: sign-in, describe, Tooling, queries, retrieve by ids, Bulk; and the faults it is told to have. GET /seen tells what it was asked for.
import http from 'node:http';
import { gzipSync } from 'node:zlib';
import { randomUUID } from 'node:crypto';
import { Bulk } from './port-bulk.mjs';
import { parse, run, SoqlError } from './port-soql.mjs';

const DATA = '/services/data/v66.0/';
const NUMBERS = new Set(['int', 'double', 'currency', 'percent']);
const error = (status, errorCode, message = errorCode, headers = {}) => ({ status, json: [{ errorCode, message }], headers });

export class Rest {
  constructor({ port, session, variant, seen }) {
    Object.assign(this, { port, session, variant, seen, calls: 0, cursors: new Map(), closed: false });
    this.bulk = new Bulk({ port, variant: variant.bulk ?? {}, seen });
  }

  async start() {
    this.server = http.createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      let answer;
      try {
        answer = this.handle(request, Buffer.concat(chunks).toString());
      } catch (failed) {
        this.seen.faults.push(`${request.method} ${request.url}: ${failed.stack}`);
        answer = error(500, 'UNKNOWN_EXCEPTION');
      }
      this.send(request, response, answer);
    });
    await new Promise(done => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  send(request, response, { status, json, text, csv, headers = {} }) {
    let body = Buffer.from(csv ?? text ?? (json === undefined ? '' : JSON.stringify(json)));
    const told = { 'Content-Type': csv === undefined ? 'application/json;charset=UTF-8' : 'text/csv', Date: new Date(this.port.now()).toUTCString(), ...headers };
    if (this.variant.limitInfo !== false) told['Sforce-Limit-Info'] = `api-usage=${this.calls}/100000`;
    if (this.variant.gzip && /gzip/.test(request.headers['accept-encoding'] ?? '')) {
      body = gzipSync(body);
      told['Content-Encoding'] = 'gzip';
    }
    response.writeHead(status, told);
    if (csv !== undefined) response.write(body);
    response.end(csv === undefined ? body : undefined);
  }

  handle(request, body) {
    const url = new URL(request.url, 'http://here'), { pathname } = url;
    if (pathname === '/seen') return { status: 200, json: this.seen };
    if (pathname === '/services/oauth2/token') return this.signIn(request, new URLSearchParams(body));
    this.calls++;
    this.seen.calls.push(`${request.method} ${pathname.replace(DATA, '').replace(/750PO\w+/, 'JOB')}${/^q/.test(pathname.replace(DATA, '')) ? ` ${url.searchParams.get('q')?.slice(0, 300) ?? ''}` : ''}`);
    if (!this.session.tokens.has((request.headers.authorization ?? '').replace(/^(Bearer|OAuth) /, ''))) return error(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    if (this.variant.expireAt?.includes(this.calls)) { this.session.tokens.clear(); return error(401, 'INVALID_SESSION_ID', 'Session expired or invalid'); }
    if (this.variant.unavailableAt?.includes(this.calls)) return error(503, 'SERVER_UNAVAILABLE', 'busy', { 'Retry-After': '1' });
    if (this.closed) return error(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    if (!pathname.startsWith(DATA)) return this.unknown(request);
    return this.resource(request, pathname.slice(DATA.length).replace(/\/$/, '').split('/').map(decodeURIComponent), url.searchParams, body);
  }

  resource(request, [first, ...rest], params, body) {
    const method = request.method;
    if (first === 'jobs' && rest[0] === 'query') return this.bulk.handle(method, rest.slice(1), params, body);
    if (first === 'sobjects' && method === 'GET' && rest.length === 0) return { status: 200, json: { encoding: 'UTF-8', maxBatchSize: 200, sobjects: this.global() } };
    if (first === 'sobjects' && method === 'GET' && rest[1] === 'describe') return this.describe(rest[0]);
    if ((first === 'query' || first === 'queryAll') && method === 'GET') return this.query(params, rest, first === 'queryAll', request.headers['sforce-query-options']);
    if (first === 'tooling' && rest[0] === 'query') return this.tooling(params.get('q'));
    if (first === 'composite' && rest[0] === 'sobjects' && method === 'POST') return this.retrieve(rest[1], JSON.parse(body));
    if (first === 'limits') return { status: 200, json: { DailyApiRequests: { Max: 100000, Remaining: 100000 - this.calls } } };
    return this.unknown(request);
  }

  unknown(request) {
    this.seen.other.push(`${request.method} ${request.url}`);
    return error(404, 'NOT_FOUND', 'The requested resource does not exist');
  }

  signIn(request, form) {
    this.seen.tokens++;
    const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? '');
    const [id, secret] = basic ? Buffer.from(basic[1], 'base64').toString().split(':').map(decodeURIComponent) : [form.get('client_id'), form.get('client_secret')];
    if (form.get('grant_type') !== 'client_credentials' || id !== this.session.clientId || secret !== this.session.clientSecret) return { status: 400, json: { error: 'invalid_client', error_description: 'invalid' } };
    const token = `${this.session.orgId.slice(0, 15)}!AQ.${randomUUID()}`;
    this.session.tokens.add(token);
    return { status: 200, json: { access_token: token, instance_url: this.variant.slash ? `${this.session.instance}/` : this.session.instance, id: `https://login.salesforce.com/id/${this.session.orgId}/005PO000000001BYAQ`, token_type: 'Bearer', issued_at: `${Date.now()}`, scope: 'api' } };
  }

  global() {
    const others = ['AccountFeed', 'AccountHistory', 'AccountShare', 'AccountChangeEvent', 'Vessel__ChangeEvent', 'Vessel__Share', 'Vessel__History', 'Settings__mdt', 'Ping__e', 'User', 'ApexLog', 'ContentVersion'];
    return [...[...this.port.objects.values()].filter(o => !o.denied).map(o => [o.name, o.prefix]), ...others.map(name => [name, null])].map(([name, keyPrefix]) => ({
      name, keyPrefix, ...(this.variant.describe === 'sparse' ? {} : { queryable: name !== 'AccountChangeEvent', replicateable: !others.includes(name) || name === 'User', custom: name.endsWith('__c'), label: name, urls: {} }),
    }));
  }

  describe(name) {
    const object = this.port.objectOf(name);
    if (!object) return error(404, 'NOT_FOUND', 'The requested resource does not exist');
    const sparse = this.variant.describe === 'sparse';
    return { status: 200, json: { name: object.name, ...(sparse ? {} : { keyPrefix: object.prefix, queryable: true, replicateable: true, custom: object.name.endsWith('__c') }), fields: object.describe(sparse) } };
  }

  tooling(soql) {
    const { members } = this.variant;
    if (members === 404) return error(404, 'NOT_FOUND', 'The requested resource does not exist');
    if (members === 403) return error(403, 'API_DISABLED_FOR_ORG', 'not allowed');
    if (members === 400) return error(400, 'INVALID_TYPE', "sObject type 'PlatformEventChannelMember' is not supported.");
    if (!/FROM PlatformEventChannelMember/i.test(soql)) return error(400, 'INVALID_TYPE', 'not supported');
    const records = [...this.port.objects.values()].map(({ name }, i) => ({
      attributes: { type: 'PlatformEventChannelMember' }, Id: `0v8PO000000000${i}AAA`, EventChannel: 'ChangeEvents', FilterExpression: null,
      SelectedEntity: members === 'plain' ? name : members === 'ids' ? `01IPO000000000${i}AAA` : name.endsWith('__c') ? `${name.slice(0, -3)}__ChangeEvent` : `${name}ChangeEvent`,
    }));
    return { status: 200, json: { size: records.length, totalSize: records.length, done: true, queryLocator: null, entityTypeName: 'PlatformEventChannelMember', records } };
  }

  parsed(soql) {
    return parse(soql, name => this.port.objectOf(name));
  }

  query(params, rest, all, options) {
    let cursor, at = 0;
    if (rest.length > 0) {
      const [id, from] = rest[0].split('-');
      [cursor, at] = [this.cursors.get(id), Number(from)];
      if (!cursor) return error(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    } else {
      try {
        const query = this.parsed(params.get('q') ?? '');
        const rows = run(query, this.port.list(query.object, all)).map(r => ({ ...r }));
        if (query.fields === null) return { status: 200, json: { totalSize: rows.length, done: true, records: [] } };
        cursor = { id: `01gPO${this.cursors.size}`, query, rows, size: Math.min(2000, this.variant.page ?? Number(/batchSize=(\d+)/.exec(options ?? '')?.[1] ?? 2000)) };
        this.cursors.set(cursor.id, cursor);
      } catch (failed) {
        if (!(failed instanceof SoqlError)) throw failed;
        return error(400, failed.code, failed.message);
      }
    }
    const { query, rows, size, id } = cursor, done = at + size >= rows.length;
    const records = rows.slice(at, at + size).map(row => this.record(query.object, row, query.fields)).join(',');
    return { status: 200, text: `{"totalSize":${rows.length},"done":${done}${done ? '' : `,"nextRecordsUrl":"${DATA}query/${id}-${at + size}"`},"records":[${records}]}` };
  }

  retrieve(name, { ids, fields }) {
    const object = this.port.objectOf(name);
    if (!object) return error(404, 'NOT_FOUND', 'The requested resource does not exist');
    this.seen.retrieved.push(ids?.length);
    if (!Array.isArray(ids) || ids.length > 2000 || new Set(ids).size < ids.length) return error(400, 'EXCEEDED_ID_LIMIT', 'ids');
    const stranger = fields.find(f => !object.find(f));
    if (stranger) return error(400, 'INVALID_FIELD', `No such column '${stranger}' on entity '${name}'.`);
    const found = ids.map(id => {
      const row = this.port.rows.get(id) ?? [...this.port.rows.values()].find(r => r.values.Id.startsWith(id));
      return row && row.object === object && !row.purged && !row.values.IsDeleted ? this.record(object, row.values, fields) : 'null';
    });
    return { status: 200, text: `[${found.join(',')}]` };
  }

  // Numbers as they are, exact: not what a number of this language would make of them.
  record(object, row, fields) {
    const value = name => {
      const field = object.find(name), given = row[field.name];
      if (given === undefined || given === null) return field.type === 'boolean' ? 'false' : 'null';
      if (NUMBERS.has(field.type)) return String(given);
      if (field.type === 'datetime') return JSON.stringify(new Date(given).toISOString().replace('Z', '+0000'));
      if (field.type === 'time') return JSON.stringify(new Date(given).toISOString().slice(11));
      return JSON.stringify(given);
    };
    const parts = [`"attributes":{"type":"${object.name}","url":"${DATA}sobjects/${object.name}/${row.Id}"}`];
    for (const name of fields) {
      const text = value(name);
      if (text !== 'null' || !this.variant.omitNulls) parts.push(`${JSON.stringify(object.find(name).name)}:${text}`);
    }
    return `{${parts.join(',')}}`;
  }
}

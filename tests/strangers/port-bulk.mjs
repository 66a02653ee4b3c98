// Bulk API 2.0 queries of a port's org: jobs that take their time, results page by page, in the several shapes that the documents allow.
import { parse, run, SoqlError } from './port-soql.mjs';

const iso = (ms, zone) => new Date(ms).toISOString().replace('Z', zone);
const clock = ms => new Date(ms).toISOString().slice(11);

export class Bulk {
  // variant: pages (rows a page at most), polls, crlf, bare (quotes only where needed), zone, processed ('absent', 'zero'), counts (false: no row count header), resultPages,
  // truncate (pages that break off once), fails (jobs that fail once), refuses (objects), early (status of results asked for too soon), end ('absent': no last locator).
  constructor({ port, variant, seen }) {
    Object.assign(this, { port, variant, seen, jobs: new Map(), truncated: 0, failed: 0 });
  }

  // {status, json} or {status, csv, headers}
  handle(method, path, params, body) {
    const [id, part] = path;
    if (method === 'POST' && id === undefined) return this.create(JSON.parse(body));
    const job = this.jobs.get(id);
    if (!job) return { status: 404, json: [{ errorCode: 'NOTFOUND', message: 'no such job' }] };
    if (method === 'PATCH') { job.state = 'Aborted'; return { status: 200, json: this.told(job) }; }
    if (method === 'DELETE') { this.jobs.delete(id); return { status: 204 }; }
    if (method !== 'GET') return { status: 405, json: [{ errorCode: 'METHOD_NOT_ALLOWED', message: method }] };
    if (part === undefined) return this.look(job);
    if (job.state !== 'JobComplete') this.move(job);
    if (job.state !== 'JobComplete') return { status: Number(this.variant.early ?? 400), json: [{ errorCode: 'INVALIDJOBSTATE', message: 'Results are not available' }] };
    if (part === 'results') return this.results(job, params);
    if (part === 'resultPages' && this.variant.resultPages) return this.links(job, params);
    return { status: 404, json: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }] };
  }

  create({ operation, query, contentType, columnDelimiter, lineEnding }) {
    if (!['query', 'queryAll'].includes(operation) || contentType !== 'CSV' || (columnDelimiter ?? 'COMMA') !== 'COMMA') return { status: 400, json: [{ errorCode: 'INVALIDJOB', message: 'operation' }] };
    if (/ORDER\s+BY|LIMIT/i.test(query)) this.seen.faults.push(`a Bulk query that is not chunked: ${query}`);
    let parsed;
    try {
      parsed = parse(query, name => this.port.objectOf(name), { bulk: true });
    } catch (error) {
      if (!(error instanceof SoqlError)) throw error;
      return { status: 400, json: [{ errorCode: error.code, message: error.message }] };
    }
    if (this.variant.refuses === parsed.object.name) return { status: 400, json: [{ errorCode: 'INVALIDENTITY', message: `Entity '${parsed.object.name}' is not supported by the Bulk API.` }] };
    const id = `750PO${String(this.jobs.size + 1).padStart(10, '0')}IAM`;
    // Some rows are read now, the others when the job is done.
    const early = run(parsed, this.port.list(parsed.object, operation === 'queryAll').map(r => ({ ...r }))).filter((_, i) => i % 2);
    const job = { id, operation, parsed, early, state: 'UploadComplete', looks: 0, crlf: this.variant.crlf ?? lineEnding === 'CRLF', all: operation === 'queryAll' };
    this.jobs.set(id, job);
    return { status: 200, json: this.told(job) };
  }

  move(job) {
    job.looks++;
    if (job.state === 'Aborted' || job.state === 'Failed') return;
    if (job.looks < (this.variant.polls ?? 1)) job.state = 'InProgress';
    else if (this.failed < (this.variant.fails ?? 0)) { this.failed++; job.state = 'Failed'; }
    else if (job.state !== 'JobComplete') {
      const late = run(job.parsed, this.port.list(job.parsed.object, job.all).map(r => ({ ...r }))), seen = new Map(job.early.map(r => [r.Id, r]));
      job.rows = [...late.map(r => seen.get(r.Id) ?? r), ...job.early.filter(r => !late.some(l => l.Id === r.Id))];
      job.state = 'JobComplete';
    }
  }

  look(job) {
    this.move(job);
    return { status: 200, json: this.told(job) };
  }

  told(job) {
    const told = {
      id: job.id, operation: job.operation, object: job.parsed.object.name, createdById: '005PO000000001BYAQ', createdDate: '2026-03-01T00:00:00.000+0000', systemModstamp: '2026-03-01T00:00:00.000+0000',
      state: job.state, concurrencyMode: 'Parallel', contentType: 'CSV', apiVersion: 66.0, lineEnding: job.crlf ? 'CRLF' : 'LF', columnDelimiter: 'COMMA',
    };
    if (job.looks > 0) Object.assign(told, { jobType: 'V2Query', retries: 0, totalProcessingTime: 12 });
    if (job.looks > 0 && this.variant.processed !== 'absent') told.numberRecordsProcessed = this.variant.processed === 'zero' && job.state !== 'JobComplete' ? 0 : job.rows?.length ?? 0;
    if (job.state === 'Failed') told.errorMessage = 'INTERNAL_ERROR: the query ran into an error';
    return told;
  }

  size(params) {
    return Math.min(this.variant.pages ?? Infinity, Number(params.get('maxRecords') ?? Infinity));
  }

  results(job, params) {
    const at = params.has('locator') ? Number(Buffer.from(params.get('locator'), 'base64').toString().slice(2)) : 0;
    if (Number.isNaN(at)) return { status: 400, json: [{ errorCode: 'INVALIDLOCATOR', message: 'Invalid locator' }] };
    const size = this.size(params), rows = job.rows.slice(at, at + size), more = at + size < job.rows.length;
    let csv = this.csv(job, rows);
    if (rows.length > 1 && this.truncated < (this.variant.truncate ?? 0)) {
      this.truncated++;
      csv = csv.slice(0, Math.floor(csv.length * 0.6));
    }
    const headers = this.variant.counts === false ? {} : { 'Sforce-NumberOfRecords': String(rows.length) };
    if (more || this.variant.end !== 'absent') headers['Sforce-Locator'] = more ? this.locator(at + size) : 'null';
    return { status: 200, csv, headers };
  }

  locator(at) {
    return Buffer.from(`L-${at}`).toString('base64');
  }

  links(job, params) {
    const size = this.size(params), pages = Math.max(1, Math.ceil(job.rows.length / size)), from = Number(params.get('from') ?? 0);
    const base = `/services/data/v66.0/jobs/query/${job.id}`;
    const some = Array.from({ length: Math.min(5, pages - from) }, (_, i) => ({ resultUrl: `${base}/results${from + i ? `?locator=${encodeURIComponent(this.locator((from + i) * size))}` : ''}` }));
    const done = from + 5 >= pages;
    return { status: 200, json: { resultPages: some, done, nextRecordsUrl: done ? null : `${base}/resultPages?from=${from + 5}` } };
  }

  csv(job, rows) {
    const end = job.crlf ? '\r\n' : '\n', { object } = job.parsed, fields = this.variant.shuffle ? [...job.parsed.fields].reverse() : job.parsed.fields;
    if (rows.length === 0 && this.variant.empty) return '';
    const quote = text => (!this.variant.bare || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const line = values => values.map(quote).join(',') + end;
    return (this.variant.bom ? '\ufeff' : '') + line(this.variant.shuffle ? fields.map(name => name.toUpperCase()) : fields) + rows.map(row => line(fields.map(name => this.text(object.find(name), row[name])))).join('');
  }

  text(field, value) {
    if (value === null || value === undefined) return field?.type === 'boolean' ? 'false' : '';
    switch (field?.type) {
      case 'datetime': return iso(value, this.variant.zone ?? 'Z');
      case 'time': return clock(value);
      case 'int': case 'double': case 'currency': case 'percent': return this.variant.scientific ? scientific(String(value)) : String(value);
      default: return String(value);
    }
  }
}

// As Java prints a double from ten million on: 1.2345678E7; no digit is lost.
const scientific = text => {
  const [, sign, whole, rest] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return whole?.length > 7 ? `${sign}${whole[0]}.${whole.slice(1)}${rest ?? ''}E${whole.length - 1}` : text;
};

// Compares a copy in Postgres with the records of a port's org, value by value, knowing nothing of how the copy was made but what its tables are called.
const NUMBERS = new Set(['int', 'double', 'currency', 'percent']);

const select = ({ name, type }) => {
  const column = `"${name.toLowerCase()}"`;
  if (type === 'datetime' || type === 'time') return `(extract(epoch from ${column}) * 1000)::bigint::text as ${column}`;
  return NUMBERS.has(type) ? `trim_scale(${column}::numeric)::text as ${column}` : `${column}::text as ${column}`;
};

// 1.50 is 1.5, -0 is 0, and 1e3 is 1000.
const decimal = text => {
  const [, sign, whole, rest = '', power = '0'] = /^([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text) ?? [];
  if (whole === undefined) return text;
  const digits = whole + rest, at = whole.length + Number(power);
  const padded = digits.padStart(digits.length + Math.max(0, -at), '0').padEnd(at, '0'), cut = at + Math.max(0, -at);
  const left = padded.slice(0, cut).replace(/^0+/, ''), right = padded.slice(cut).replace(/0+$/, '');
  if (left + right === '') return '0';
  return `${sign === '-' ? '-' : ''}${left || '0'}${right ? `.${right}` : ''}`;
};

const expected = ({ type, compound }, value) => {
  if (value === null || value === undefined || value === '') return type === 'boolean' ? 'false' : null;
  if (NUMBERS.has(type)) return compound ? String(Number(value)) : decimal(String(value));
  return String(value);
};

const same = (field, found, wanted) => {
  if (found === null && wanted === 'false' && field.type === 'boolean') return false;
  if (found === null || wanted === null) return found === wanted;
  if (field.compound && NUMBERS.has(field.type)) return Number(found) === Number(wanted);
  return NUMBERS.has(field.type) ? decimal(found) === wanted : found === wanted;
};

// One line per disagreement. tolerant: what nothing has told yet may still be as it was.
export const differences = async (postgres, schema, port, { tolerant = false, hard = false } = {}) => {
  const found = [];
  for (const object of port.objects.values()) {
    const table = object.name.toLowerCase(), { rows: columns } = await postgres.query('select attname from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped', [`"${schema}"."${table}"`]);
    if (columns.length === 0) { found.push(`no table ${table}`); continue; }
    const names = new Set(columns.map(c => c.attname)), fields = object.fields.filter(f => f.column && !object.hidden.has(f.name));
    const missing = fields.filter(f => !names.has(f.name.toLowerCase())).map(f => f.name);
    if (missing.length > 0) found.push(`${table}: no column ${missing.join(', ')}`);
    const there = fields.filter(f => names.has(f.name.toLowerCase()));
    const { rows } = await postgres.query(`select id, _sync_deleted, _sync_incomplete, ${there.map(select).join(', ')} from "${schema}"."${table}"`);
    const copied = new Map(rows.map(r => [r.id, r]));
    for (const row of port.rows.values()) {
      if (row.object !== object) continue;
      const { Id: id } = row.values, copy = copied.get(id);
      copied.delete(id);
      if (tolerant && row.silent) continue;
      if (row.purged) {
        if (copy && !copy._sync_deleted && !tolerant) found.push(`${table} ${id}: is gone for good, and still here`);
        continue;
      }
      // Where describe knows of no recycle bin nobody can ask what lies in it.
      if (object.plain && row.values.IsDeleted) {
        if (copy && !copy._sync_deleted) found.push(`${table} ${id}: deleted is ${copy._sync_deleted}`);
        continue;
      }
      if (hard && row.values.IsDeleted) {
        if (copy) found.push(`${table} ${id}: is deleted, and still here`);
        continue;
      }
      if (!copy) { found.push(`${table} ${id}: missing${row.values.IsDeleted ? ' (it lies in the recycle bin)' : ''}`); continue; }
      if (copy._sync_deleted !== row.values.IsDeleted) found.push(`${table} ${id}: deleted is ${copy._sync_deleted}`);
      if (copy._sync_incomplete) found.push(`${table} ${id}: incomplete`);
      for (const field of there) {
        const [here, wanted] = [copy[field.name.toLowerCase()], expected(field, row.values[field.name])];
        if (!same(field, here, wanted)) found.push(`${table} ${id} ${field.name}: expected ${JSON.stringify(wanted)?.slice(0, 90)}, found ${JSON.stringify(here)?.slice(0, 90)}`);
      }
    }
    for (const id of copied.keys()) found.push(`${table} ${id}: not expected`);
  }
  return found;
};

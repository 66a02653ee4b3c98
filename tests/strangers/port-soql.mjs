// As much SOQL as a reader of records needs: SELECT fields or count() FROM one object, WHERE with AND, OR, NOT, IN and comparisons, ORDER BY, LIMIT.
export class SoqlError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const SHAPE = /^\s*SELECT\s+(.+?)\s+FROM\s+(\w+)(?:\s+WHERE\s+(.+?))?(?:\s+ORDER\s+BY\s+(.+?))?(?:\s+LIMIT\s+(\d+))?\s*$/is;
const TOKEN = /\s*('(?:[^'\\]|\\.)*'|[()]|,|>=|<=|!=|<>|=|>|<|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)|[-\w.]+)/gy;

const literal = text => {
  if (text[0] === "'") return text.slice(1, -1).replace(/\\(.)/g, '$1');
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return Date.parse(text);
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (/^null$/i.test(text)) return null;
  return Number(text);
};

const tokens = text => {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length && text.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(text);
    if (!match) throw new SoqlError('MALFORMED_QUERY', `unexpected token: ${text.slice(0, 40)}`);
    found.push(match[1]);
  }
  return found;
};

const compare = { '=': (a, b) => a === b, '!=': (a, b) => a !== b, '<>': (a, b) => a !== b, '>': (a, b) => a > b, '<': (a, b) => a < b, '>=': (a, b) => a >= b, '<=': (a, b) => a <= b };

const condition = (text, field) => {
  const rest = tokens(text);
  const is = word => rest[0]?.toUpperCase() === word;
  const need = word => { if (!is(word)) throw new SoqlError('MALFORMED_QUERY', `expecting ${word}`); rest.shift(); };
  const any = () => {
    const parts = [all()];
    while (is('OR')) { rest.shift(); parts.push(all()); }
    return row => parts.some(p => p(row));
  };
  const all = () => {
    const parts = [one()];
    while (is('AND')) { rest.shift(); parts.push(one()); }
    return row => parts.every(p => p(row));
  };
  const one = () => {
    if (is('NOT')) { rest.shift(); const inner = one(); return row => !inner(row); }
    if (is('(')) { rest.shift(); const inner = any(); need(')'); return inner; }
    const name = field(rest.shift() ?? '');
    let negated = false;
    if (is('NOT')) { rest.shift(); negated = true; }
    if (is('IN')) {
      rest.shift();
      need('(');
      const among = new Set();
      while (!is(')')) { if (is(',')) rest.shift(); else among.add(literal(rest.shift() ?? ')')); }
      need(')');
      return row => among.has(row[name] ?? null) !== negated;
    }
    const operator = compare[rest.shift()];
    if (!operator || rest.length === 0) throw new SoqlError('MALFORMED_QUERY', 'unexpected end');
    const value = literal(rest.shift());
    return row => (row[name] == null || value === null ? operator(row[name] ?? null, value) && (value === null) : operator(row[name], value));
  };
  const made = any();
  if (rest.length > 0) throw new SoqlError('MALFORMED_QUERY', `unexpected token: ${rest[0]}`);
  return made;
};

// {object, fields (null: count()), matches, order, limit}
export const parse = (soql, objectOf, { bulk = false } = {}) => {
  const [, select, from, where, order, limit] = SHAPE.exec(soql) ?? [];
  if (!from) throw new SoqlError('MALFORMED_QUERY', 'not a query');
  const object = objectOf(from);
  if (!object) throw new SoqlError('INVALID_TYPE', `sObject type '${from}' is not supported.`);
  const field = name => {
    const found = object.find(name);
    if (!found) throw new SoqlError('INVALID_FIELD', `No such column '${name}' on entity '${from}'.`);
    return found.name;
  };
  const counts = /^count\(\)$/i.test(select);
  const fields = counts ? null : select.split(',').map(f => field(f.trim()));
  if (fields && new Set(fields).size < fields.length) throw new SoqlError('MALFORMED_QUERY', 'duplicate field selected');
  if (bulk) {
    const refused = fields?.find(f => ['address', 'location', 'base64', 'complexvalue'].includes(object.find(f).type));
    if (refused) throw new SoqlError('FUNCTIONALITY_NOT_ENABLED', `Selecting compound data not supported in Bulk Query: ${refused}`);
    if (counts) throw new SoqlError('INVALIDJOB', 'aggregates are not supported');
  }
  return {
    object, fields, limit: limit ? Number(limit) : Infinity, matches: where ? condition(where, field) : () => true,
    order: order ? order.split(',').map(o => ({ name: field(o.trim().split(/\s+/)[0]), down: /\sdesc/i.test(o) })) : [],
  };
};

export const run = (query, rows) => {
  const found = rows.filter(query.matches);
  found.sort((a, b) => {
    for (const { name, down } of query.order) {
      const [x, y] = [a[name] ?? '', b[name] ?? ''];
      if (x !== y) return (x < y ? -1 : 1) * (down ? -1 : 1);
    }
    return 0;
  });
  return found.slice(0, query.limit);
};

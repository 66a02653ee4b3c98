// Long texts and what Change Data Capture sends of them when they change: a unified difference under the SHA-256 of the new text.
import { createHash } from 'node:crypto';

const lines = text => text.split(/\r\n|\n/);

// Undefined where the text goes whole: too short, too different, or not shorter.
export const difference = (before, after) => {
  if (before.length < 1000 || after.length < 1000 || Math.abs(before.length - after.length) > before.length / 2) return undefined;
  const [a, b] = [lines(before), lines(after)];
  let head = 0, tail = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head++;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  if (a.length - head - tail > a.length / 4) return undefined;
  const from = Math.max(0, head - 3), to = Math.max(0, tail - 3);
  const [cut, put] = [a.length - from - to, b.length - from - to];
  const body = [
    ...a.slice(from, head).map(l => ` ${l}`), ...a.slice(head, a.length - tail).map(l => `-${l}`), ...b.slice(head, b.length - tail).map(l => `+${l}`),
    ...a.slice(a.length - tail, a.length - to).map(l => ` ${l}`),
  ];
  const patch = `--- \n+++ ${createHash('sha256').update(after).digest('hex')}\n@@ -${from + 1},${cut} +${from + 1},${put} @@\n${body.join('\n')}\n`;
  return patch.length < after.length ? patch : undefined;
};

const WORDS = 'tide quay crane Süd "hull" rope, anchor 港 ferry;stern keel\tbow λιμάνι 🦊 mast'.split(' ');

export const longText = (random, count = 60) => Array.from({ length: count }, (_, i) => `${i}: ${WORDS[random(WORDS.length)]} ${WORDS[random(WORDS.length)]} ${random(1e6)}`).join(random(2) ? '\r\n' : '\n');

// Another text that differs in a line or two.
export const edited = (random, text) => {
  const end = text.includes('\r\n') ? '\r\n' : '\n', all = text.split(end), at = random(all.length);
  const kind = random(3);
  if (kind === 0) all[at] = `edited ${random(1e6)}`;
  else if (kind === 1 || all.length < 50) all.splice(at, 0, `new ${random(1e6)}`, '');
  else all.splice(at, 1);
  return all.join(end).trim();
};

// Units of the tag against recorded vectors: node --test test. GOLDEN names a folder with mincode.jsonl and checksum.jsonl.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), '../src');

async function load(name) {
  const { outputFiles } = await build({ entryPoints: [path.join(source, name)], bundle: true, write: false, format: 'esm', define: { window: 'globalThis' } });
  return import('data:text/javascript;base64,' + Buffer.from(outputFiles[0].text).toString('base64'));
}
const vectors = name => fs.readFileSync(path.join(process.env.GOLDEN, name), 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line));
const { encode } = await load('mincode.ts');
const { murmur } = await load('checksum.ts');
const { unique, timedIdentifier } = await load('identifiers.ts');

/** Reads what the tag writes; the other direction of `encode`. */
function decode(text) {
  let at = 0;
  const string = () => { let value = ''; for (; text[at] !== '!'; at++) value += text[at] === '~' ? text[++at] : text[at]; at++; return value; };
  const base36 = value => Number(value.startsWith('-') ? -[...value.slice(1)].reduce((sum, digit) => sum * 36n + BigInt(parseInt(digit, 36)), 0n) : [...value].reduce((sum, digit) => sum * 36n + BigInt(parseInt(digit, 36)), 0n));
  const record = isField => {
    const type = text[at++], name = isField ? string() : undefined;
    let value;
    switch (type) {
      case 's': value = string(); break;
      case 'd': value = base36(string()); break;
      case 'j': value = Number(string()); break;
      case 't': value = true; break;
      case 'f': value = false; break;
      case 'n': value = null; break;
      case 'a': for (value = []; text[at] !== '.';) value.push(record(false)[1]); at++; break;
      case '(': for (value = {}; text[at] !== ')';) { const [key, inner] = record(true); Object.defineProperty(value, key, { value: inner, enumerable: true, configurable: true, writable: true }); } at++; break;
      default: throw new Error('unknown type ' + type);
    }
    return [name, value];
  };
  const value = record(false)[1];
  assert.equal(at, text.length);
  return value;
}

test('mincode: what the collector reads from it comes back from what the tag writes', () => {
  let count = 0;
  for (const vector of vectors('mincode.jsonl')) {
    if (vector.result !== 'value' || vector.json === undefined) continue;
    const value = JSON.parse(vector.json);
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) continue; // base 36 of such numbers is the engine's approximation
    assert.deepEqual(decode(encode(value)), value, vector.name);
    count++;
  }
  assert.ok(count > 50, count + ' vectors');
});

test('mincode: samples', () => {
  const samples = [
    ['a string', 'sa string!'], ['Hello~World!', 'sHello~~World~!!'], [true, 't'], [null, 'n'], [42, 'd16!'], [-37, 'd-11!'], [-0, 'd0!'], [10.3, 'j10.3!'], [1000, 'drs!'],
    [1e6, 'dlfls!'], [1e7, 'j1e+7!'], [123456789, 'd21i3v9!'], [9007199254740991, 'd2gosa7pa2gv!'], [1e15, 'j1e+15!'], [1e21, 'j1e+21!'], [0.000001, 'j1e-6!'],
    [-78.3e-10, 'j-7.83e-9!'], [NaN, 'n'], [Infinity, 'n'], [{}, '()'], [[], 'a.'], [{ foo: 'bar', a: {} }, '(sfoo!bar!(a!))'], [{ e: ['1', '2'] }, '(ae!s1!s2!.)'],
    [[null, undefined, , { a: undefined }], 'annn().'], [new String('ab'), '(s0!a!s1!b!)'], [{ toJSON: () => 'custom' }, 'scustom!'], [undefined, ''],
    [{ 'a!b': 1 }, '(da~!b!1!)'], [new Date(0), 's1970-01-01T00:00:00.000Z!'], [new Map([[1, 2]]), '()'],
  ];
  for (const [value, expected] of samples) assert.equal(encode(value), expected);
  assert.throws(() => encode({ f() {} }), thrown => thrown === 'Cannot encode of type: function');
  assert.throws(() => encode(Symbol('s')), thrown => thrown === 'Cannot encode of type: symbol');
  const cycle = {}; cycle.self = cycle;
  assert.throws(() => encode(cycle), RangeError);
});

test('mincode: dates whose toJSON a page removed', () => {
  const own = Date.prototype.toJSON;
  delete Date.prototype.toJSON;
  try {
    assert.equal(encode(new Date(1434210573002)), 's2015-06-13T15:49:33.002Z!');
    assert.equal(encode(new Date(NaN)), 'n');
  } finally { Date.prototype.toJSON = own; }
});

test('checksum: recorded vectors', () => {
  let count = 0;
  for (const vector of vectors('checksum.jsonl')) {
    // The collector computed another hash for text outside the basic plane; its tag did not.
    if (typeof vector.canonical !== 'string' || vector.hash === undefined || vector.kind !== 'ascii-or-bmp') continue;
    assert.equal(murmur(vector.canonical), vector.hash, vector.name);
    count++;
  }
  assert.ok(count > 50, count + ' vectors');
  assert.equal(murmur(''), 0);
  assert.equal(murmur('\u{1F4B0}'), -1486360756);
  assert.throws(() => murmur('\ud83d'), URIError);
});

test('identifiers: shape, and no two alike', () => {
  const seen = new Set();
  for (let index = 0; index < 20000; index++) { const id = unique(); assert.match(id, /^[A-Za-z0-9~_]{32}$/); seen.add(id); }
  assert.equal(seen.size, 20000);
  assert.match(timedIdentifier(42), /^0:16:[A-Za-z0-9~_]{32}$/);
});

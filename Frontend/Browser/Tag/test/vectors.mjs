// Prints random values as the tag encodes them, one JSON object a line: node vectors.mjs SEED COUNT. The server's readers are tested with them.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), '../src');

async function load(name) {
  const { outputFiles } = await build({ entryPoints: [path.join(source, name)], bundle: true, write: false, format: 'esm', define: { window: 'globalThis' } });
  return import('data:text/javascript;base64,' + Buffer.from(outputFiles[0].text).toString('base64'));
}

const { encode } = await load('mincode.ts');
const { murmur } = await load('checksum.ts');
const { timedIdentifier } = await load('identifiers.ts');

let state = Number(process.argv[2]) >>> 0;
/** mulberry32: the same values for the same seed. */
function random() {
  state = state + 0x6D2B79F5 | 0;
  let mixed = Math.imul(state ^ state >>> 15, 1 | state);
  mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
  return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
}
const below = bound => Math.floor(random() * bound);
const oneOf = list => list[below(list.length)];

const pieces = ['a', 'Z', '0', ' ', '!', '~', '~!', '!!', '(', ')', '.', '"', '\\', '&', '=', '+', '%', '#', '/', '\n', '\t', '\u0000', '\u00e9', '\u4e2d', '\u2028', '\uffff', '\u{1F4B0}', 'e\u0301'];
const text = () => Array.from({ length: below(8) }, () => oneOf(pieces)).join('');

function number() {
  switch (below(7)) {
    case 0: return below(1000) - 500;
    case 1: return Math.round((random() - 0.5) * 2 ** below(53));
    case 2: return (random() - 0.5) * 10 ** (below(40) - 20);
    case 3: return oneOf([0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE, Number.EPSILON, 2 ** 53, -(2 ** 53), 1e21, 1e-7, 0.1, 123456789]);
    case 4: return below(10) * 10 ** below(22);
    case 5: return Number((random() * 1000).toFixed(2));
    default: return -below(2 ** 31);
  }
}

function value(depth) {
  switch (below(depth > 0 ? 11 : 7)) {
    case 0: return null;
    case 1: return random() < 0.5;
    case 2: case 3: return number();
    case 4: case 5: return text();
    case 6: return new Date(below(4e12));
    case 7: return Array.from({ length: below(5) }, () => random() < 0.1 ? undefined : value(depth - 1));
    case 8: {
      let inner = value(depth - 1);
      while (inner && typeof inner.toJSON === 'function') inner = value(depth - 1); // it is asked once
      return { toJSON: () => inner };
    }
    default: {
      const object = Object.create(random() < 0.1 ? null : Object.prototype);
      for (let count = below(6); count > 0; count--)
        Object.defineProperty(object, oneOf([text(), '__proto__', 'constructor', 'n' + count]), { value: random() < 0.1 ? undefined : value(depth - 1), enumerable: true, configurable: true });
      return object;
    }
  }
}

for (let count = Number(process.argv[3]); count > 0; count--) {
  const made = value(4), json = JSON.stringify(made), mincode = encode(made), time = below(2 ** 43);
  console.log(JSON.stringify({ json, mincode, hash: murmur(mincode), time, identifier: timedIdentifier(time) }));
}

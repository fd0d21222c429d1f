/** A product of 32 bits; Math.imul is younger than the browsers that may come. */
function multiply(a: number, b: number): number {
  return (a & 0xffff) * b + ((a >>> 16) * b << 16) | 0;
}

function rotate(value: number, bits: number): number {
  return value << bits | value >>> 32 - bits;
}

function scramble(block: number): number {
  return multiply(rotate(multiply(block, 0xcc9e2d51), 15), 0x1b873593);
}

/** MurmurHash3 (x86, 32 bits, seed 0) of a text as UTF-8. Throws URIError on half a surrogate pair. */
export function murmur(text: string): number {
  var bytes = unescape(encodeURIComponent(text)), length = bytes.length, state = 0, block = 0, index;
  for (index = 0; index < length; index++) {
    block |= bytes.charCodeAt(index) << (index & 3) * 8;
    if ((index & 3) === 3) {
      state = multiply(rotate(state ^ scramble(block), 13), 5) + 0xe6546b64 | 0;
      block = 0;
    }
  }
  state ^= scramble(block) ^ length;
  state = multiply(state ^ state >>> 16, 0x85ebca6b);
  state = multiply(state ^ state >>> 13, 0xc2b2ae35);
  return state ^ state >>> 16;
}

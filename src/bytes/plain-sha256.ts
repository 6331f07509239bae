// SHA-256 (FIPS 180-4) where the platform has none: `crypto.subtle` is missing on pages that are served over plain HTTP.

/** Returns the first primes. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** Returns the first 32 bits behind the point of a number. */
const fraction = (value: number): number => ((value % 1) * 2 ** 32) | 0;

const rotated = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

/** Computes the SHA-256 of bytes, as 32 bytes. */
export function plainSha256(bytes: Uint8Array): Uint8Array {
  const [rounds, start] = [
    primes(64).map((prime) => fraction(prime ** (1 / 3))),
    primes(8).map((prime) => fraction(prime ** 0.5)),
  ];
  const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, bytes.length / 2 ** 29);
  view.setUint32(padded.length - 4, bytes.length << 3);
  const state = Int32Array.from(start);
  const words = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 64; i++) words[i] = i < 16 ? view.getInt32(block + 4 * i) : nextWord(words, i);
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const one = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
      const zero = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
      const first = h + one + ((e & f) ^ (~e & g)) + (rounds[i] as number) + (words[i] as number);
      [h, g, f, e, d, c, b, a] = [
        g,
        f,
        e,
        (d + first) | 0,
        c,
        b,
        a,
        (first + zero + ((a & b) ^ (a & c) ^ (b & c))) | 0,
      ];
    }
    for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] as number) + word;
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (const [i, word] of state.entries()) digest.setInt32(4 * i, word);
  return new Uint8Array(digest.buffer);
}

function nextWord(words: Int32Array, i: number): number {
  const [early, late] = [words[i - 15] as number, words[i - 2] as number];
  const zero = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
  const one = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
  return (words[i - 16] as number) + zero + (words[i - 7] as number) + one;
}

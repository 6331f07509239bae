// SHA-256 (FIPS 180-4) where the platform has none: `crypto.subtle` is missing on pages that are served over plain HTTP. It hashes
// headers of files, so it is short rather than fast.

type State = [number, number, number, number, number, number, number, number];

/** Returns the first 32 bits after the binary point of the square roots (`root` 2) or cube roots (3) of the first primes. */
function fractions(count: number, root: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  return primes.map((prime) => ((prime ** (1 / root) % 1) * 2 ** 32) | 0);
}

/** The exclusive or of a word that is rotated by each of these numbers of bits. */
const rotated = (word: number, ...bits: readonly number[]): number =>
  bits.reduce((sum, by) => sum ^ (word >>> by) ^ (word << (32 - by)), 0);

/** Computes the SHA-256 of bytes, as 32 bytes. */
export function plainSha256(bytes: Uint8Array): Uint8Array {
  const constants = fractions(64, 3);
  const padded = new DataView(new ArrayBuffer(((bytes.length + 72) >> 6) << 6));
  new Uint8Array(padded.buffer).set([...bytes, 0x80]);
  padded.setBigUint64(padded.byteLength - 8, BigInt(bytes.length) * 8n);
  let hash = fractions(8, 2);
  for (let block = 0; block < padded.byteLength; block += 64) {
    const words = Array.from({ length: 16 }, (_, i) => padded.getInt32(block + 4 * i));
    const word = (i: number): number => words[i] as number;
    let state = hash;
    for (let i = 0; i < 64; i++) {
      if (i > 15) {
        const [early, late] = [word(i - 15), word(i - 2)];
        const sums = (rotated(early, 7, 18) ^ (early >>> 3)) + (rotated(late, 17, 19) ^ (late >>> 10));
        words.push((word(i - 16) + word(i - 7) + sums) | 0);
      }
      const [a, b, c, d, e, f, g, h] = state as State;
      const first = h + rotated(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + (constants[i] as number) + word(i);
      const second = rotated(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
      state = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
    }
    hash = hash.map((value, i) => (value + (state[i] as number)) | 0);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (const [i, value] of hash.entries()) digest.setInt32(4 * i, value);
  return new Uint8Array(digest.buffer);
}

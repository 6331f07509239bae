const PHILOX_ROUNDS = 10;
const WORD = 2n ** 32n;

/** Philox4x32-10 (Salmon et al. 2011): key (2) and counter (4) give four random words. */
export function philox(key: Uint32Array, counter: Uint32Array): Uint32Array {
  let [k0 = 0n, k1 = 0n] = Array.from(key, BigInt);
  let [c0 = 0n, c1 = 0n, c2 = 0n, c3 = 0n] = Array.from(counter, BigInt);
  for (let round = 0; round < PHILOX_ROUNDS; round++) {
    const product0 = 0xd2511f53n * c0;
    const product1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(product1 / WORD) ^ c1 ^ k0, product1 % WORD, (product0 / WORD) ^ c3 ^ k1, product0 % WORD];
    k0 = (k0 + 0x9e3779b9n) % WORD;
    k1 = (k1 + 0xbb67ae85n) % WORD;
  }
  return Uint32Array.from([c0, c1, c2, c3], Number);
}

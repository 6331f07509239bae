// Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011). The generator has
// no state: its numbers are a function of key and counter, so a draw depends on (seed, query, purpose, index) alone.

const MULTIPLIER_0: u64 = 0xd2511f53, MULTIPLIER_1: u64 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9, WEYL_1: u32 = 0xbb67ae85;

/**
 * Writes Philox of `key`, u32 (2), and `counter`, u32 (4), to `out`, u32 (4). Words are in order from the least
 * significant.
 */
export function philox(key: usize, counter: usize, out: usize): void {
  philoxInto(load<u64>(key), load<u64>(counter), load<u64>(counter, 8), out);
}

/** Like `philox`, with the key and both halves of the counter as numbers. */
export function philoxInto(key: u64, counterLow: u64, counterHigh: u64, out: usize): void {
  let k0 = <u32>key, k1 = <u32>(key >> 32);
  let c0 = <u32>counterLow, c1 = <u32>(counterLow >> 32), c2 = <u32>counterHigh, c3 = <u32>(counterHigh >> 32);
  for (let round = 0; round < 10; round++) {
    const product0 = MULTIPLIER_0 * <u64>c0, product1 = MULTIPLIER_1 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  store<u32>(out, c0);
  store<u32>(out, c1, 4);
  store<u32>(out, c2, 8);
  store<u32>(out, c3, 12);
}

/** Returns a uniform number in [0, 1) with 53 bits, made of the first two words at `numbers`. */
// @ts-ignore: decorator
@inline
export function uniformAt(numbers: usize): f64 {
  return <f64>(load<u64>(numbers) >> 11) * 1.1102230246251565e-16; // 2^-53
}

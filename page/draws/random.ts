/** Returns the generator sfc32 of numbers in [0, 1) with 53 bits. It uses 32 bits of the seed. */
export function seededRandom(seed: number): () => number {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 16; round++) next();
  return () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 2 ** 53;
}

/** Returns standard normal values, computed by the Box–Muller transform. */
export function normalVector(dim: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from(
    { length: dim },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

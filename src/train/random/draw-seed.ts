/** 2⁶⁴ / golden ratio, so that seeds of consecutive draws lie far apart. */
const STEP = 0x9e3779b97f4a7c15n;

/** Returns the seed of draw number `draw` of those that share a seed. */
export const drawSeed = (seed: bigint, draw: number): bigint => BigInt.asUintN(64, seed + BigInt(draw) * STEP);

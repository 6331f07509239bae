import { PURPOSE_ARRIVAL, PURPOSE_DECODE, PURPOSE_MIXTURE, PURPOSE_PART } from "../abi.ts";
import { type Counter, philox4x32 } from "../arithmetic/philox.ts";

// Every part has random numbers of its own, by its number: otherwise the errors of parts would be the same, and their
// variances would not add. Part 0 has those of an index by itself.

/** 2^64 over the golden ratio: multiples of it are far apart, so the keys of other parts are not the keys of nearby seeds. */
const KEY_STEP = 0x9e3779b97f4a7c15n;

/** Returns the seed that the part with this number draws with. */
export const seedOfPart = (seed: bigint, number: number): bigint =>
  BigInt.asUintN(64, seed + BigInt(number) * KEY_STEP);

/** The values that random numbers are a function of, beside their index. */
export interface Source {
  readonly seed: bigint;
  readonly queryHash: bigint;
}

type Words = (index: number) => Uint32Array;

/** Returns a function that gives four random words by index, valid until the next call. */
function words({ seed, queryHash }: Source, purpose: number): Words {
  const key = [Number(seed & 0xffffffffn), Number(seed >> 32n)] as const;
  const counter: Counter = [Number(queryHash & 0xffffffffn), Number(queryHash >> 32n), purpose, 0];
  const out = new Uint32Array(4);
  return (index) => {
    counter[3] = index;
    philox4x32(counter, key, out);
    return out;
  };
}

/**
 * Returns a function that gives uniform numbers in [0, 1) by draw, for the choice of parts. Merges of merges choose more than
 * once, each with numbers of its own, which depend on its first part and on the number of its parts.
 */
export function choiceNumbers({ seed, queryHash }: Source, parts: readonly number[]): (draw: number) => number {
  const own = seedOfPart(seed, parts[0] ?? 0);
  const wordsOf = words({ seed: own, queryHash }, PURPOSE_PART + 256 * parts.length);
  return (draw) => uniformOf(wordsOf(draw));
}

/**
 * Returns a function that gives uniform numbers in [0, 1) by draw, for the choice of the law in a mixture. They are the numbers
 * of a single index. Parts choose classes with the odd numbers of their own seeds.
 */
export function lawNumbers(source: Source): (draw: number) => number {
  const wordsOf = words(source, PURPOSE_MIXTURE);
  return (draw) => uniformOf(wordsOf(2 * draw));
}

/** Returns a number in [0, 1) with 53 bits. */
function uniformOf(random: Uint32Array): number {
  const [low, high] = random as unknown as readonly [number, number];
  return (high * 2 ** 21 + (low >>> 11)) * 2 ** -53;
}

/**
 * Returns the uniform number in [0, 1) of a draw of decode, the one that the first part would take by itself. No part draws for
 * this purpose if several are asked.
 */
export function decodeNumber({ seed, queryHash }: Source, parts: readonly number[]): number {
  return uniformOf(words({ seed: seedOfPart(seed, parts[0] ?? 0), queryHash }, PURPOSE_DECODE)(0));
}

/** Returns a function that gives uniform numbers in (0, 1), both ends excluded, by index, for the times of exact draws. */
export function arrivalNumbers(source: Source): (index: number) => number {
  const wordsOf = words(source, PURPOSE_ARRIVAL);
  return (index) => {
    const [low, high] = wordsOf(index) as unknown as readonly [number, number];
    return (high * 2 ** 20 + (low >>> 12) + 0.5) * 2 ** -52;
  };
}

import { type Counter, philox4x32 } from "./philox.ts";

/** The purposes of the training's random numbers: numbers of different purposes are independent. */
export const PURPOSE = {
  ...{ sample: 1, seedRows: 2, seedCodewords: 3, draw: 4, directions: 5, fitQueries: 6, fitOrder: 7 },
  // A model's: assembly/train/model/initial.ts counts the same way.
  ...{ classVectors: 21, featureVectors: 22, hiddenWeights: 23, order: 24 },
} as const;

export interface Stream {
  /** Any integer; taken mod 2⁶⁴ as the Philox key. */
  readonly seed: bigint;
  readonly purpose: (typeof PURPOSE)[keyof typeof PURPOSE];
  /**
   * 1 or 2 for what belongs to a codebook, from 3 on to a sub-quantizer of the fine codes, else 0. Of draws, this and
   * `restart` are the halves of the query's hash.
   */
  readonly codebook: number;
  readonly restart: number;
}

/**
 * Uniform numbers in [0, 1) with 53 bits. The same stream and index give the same number, in any order.
 * Counter: (⌊index / 2⌋, purpose, codebook, restart); an index takes two of the four words.
 */
export function uniforms(stream: Stream): (index: number) => number {
  const seed = BigInt.asUintN(64, stream.seed);
  const key = [Number(seed & 0xffffffffn), Number(seed >> 32n)] as const;
  const counter: Counter = [0, stream.purpose, stream.codebook, stream.restart];
  const words = new Uint32Array(4);
  let filled = -1;
  return (index) => {
    const block = index >>> 1;
    if (block !== filled) {
      counter[0] = block;
      philox4x32(counter, key, words);
    }
    filled = block;
    const first = (index & 1) * 2;
    const high = (words[first] as number) >>> 5;
    const low = (words[first + 1] as number) >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  };
}

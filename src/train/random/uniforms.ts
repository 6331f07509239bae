import { type Counter, philox4x32 } from "../../arithmetic/philox.ts";

/** The purposes of random numbers. Numbers for different purposes are independent. */
export const PURPOSE = {
  sample: 1,
  seedRows: 2,
  seedCodewords: 3,
  draw: 4,
  directions: 5,
  fitQueries: 6,
  fitOrder: 7,
  standIns: 8,
  component: 9,
  // These are for models. assembly/train/model/initial.ts computes the same numbers.
  classVectors: 21,
  featureVectors: 22,
  hiddenWeights: 23,
  order: 24,
  // These are for sequence encoders.
  inputWeights: 25,
  stateWeights: 26,
  inputBiases: 27,
  stateBiases: 28,
  projectionWeights: 29,
  inputDropout: 30,
  outputDropout: 31,
  positionVectors: 32,
  outputWeights: 33,
  innerWeights: 34,
  outerWeights: 35,
  // Block b of attention drops its weights by 3 b more than this, the outputs of its inner layer by one more, and those of
  // its outer layer by two more.
  blockDropout: 64,
} as const;

export interface Stream {
  /** Any integer. The Philox key is the seed mod 2⁶⁴. */
  readonly seed: bigint;
  readonly purpose: (typeof PURPOSE)[keyof typeof PURPOSE];
  /**
   * 1 or 2 for a codebook, 3 or more for a sub-quantizer of the fine codes, otherwise 0. For draws, this and `restart` are
   * the halves of the query's hash.
   */
  readonly codebook: number;
  readonly restart: number;
}

/**
 * Returns a function that gives the uniform number in [0, 1), with 53 bits, at an index of the stream. The order of calls
 * does not matter. The Philox counter is (⌊index / 2⌋, purpose, codebook, restart), and an index takes two of the four
 * words.
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

import { philox4x32 } from "../../../src/arithmetic/philox.ts";
import type { Sampler } from "../../../src/train/samplers/sampler.ts";

/** Draws by fixed probabilities, independent of the query and normalised without the excluded classes. */
export function fixedSampler(name: string, probabilities: readonly number[]): Sampler {
  const left = (excluded: ArrayLike<number>): number[] => {
    const out = new Set(Array.from(excluded));
    const kept = probabilities.map((p, id) => (out.has(id) ? 0 : p));
    const total = kept.reduce((sum, p) => sum + p, 0);
    return kept.map((p) => p / total);
  };
  const words = new Uint32Array(4);
  return {
    name,
    adaptive: false,
    draw(_query, count, excluded, seed) {
      const kept = left(excluded);
      const [key0, key1] = [Number(seed & 0xffffffffn), Number(seed >> 32n)];
      const ids = Int32Array.from({ length: count }, (_, k) => {
        philox4x32([k, 77, 0, 0], [key0, key1], words);
        let rest = (words[0] as number) / 2 ** 32;
        for (let id = 0; id < kept.length; id++) {
          rest -= kept[id] as number;
          if (rest < 0) return id;
        }
        return kept.findLastIndex((p) => p > 0);
      });
      return { ids, logQ: Float64Array.from(ids, (id) => Math.log(kept[id] as number)) };
    },
    logQ(_query, ids, excluded) {
      const kept = left(excluded);
      return Float64Array.from(ids, (id) => Math.log(kept[id] as number));
    },
    refresh: () => ({ kind: "none", moved: 0, seconds: 0 }),
  };
}

export const uniformSampler = (classCount: number): Sampler =>
  fixedSampler("uniform", new Array<number>(classCount).fill(1 / classCount));

/** Gives every query the same draws, for enumeration. */
export function scriptedSampler(ids: readonly number[], probabilityOf: (id: number) => number): Sampler {
  const logQ = (of: ArrayLike<number>): Float64Array => Float64Array.from(of, (id) => Math.log(probabilityOf(id)));
  return {
    name: "scripted",
    adaptive: false,
    draw: () => ({ ids: Int32Array.from(ids), logQ: logQ(ids) }),
    logQ: (_query, of) => logQ(of),
    refresh: () => ({ kind: "none", moved: 0, seconds: 0 }),
  };
}

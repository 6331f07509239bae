// The contenders that a set leaves out, so that the whole run ends within 35 minutes. --all measures everything.
import type { SetName } from "./row-sets.ts";

type Rule = readonly [applies: (set: SetName) => boolean, names: readonly string[], why: string];

const isFirst = ({ name, metric, words }: SetName): boolean => name === "GloVe" && metric === "dot" && words <= 100_000;
const isLarge = ({ words }: SetName): boolean => words > 100_000;

const RULES: readonly Rule[] = [
  [() => true, ["JS loop", "usearch f32", "faiss IMI2x8,Flat"], "never the fastest so far"],
  [
    (set) => !isFirst(set),
    ["plain scan f32", "plain scan int8", "faiss Flat", "midx, base SIMD", "faiss IMI2x7,Flat"],
    "measured in the first set alone, as a sibling is faster",
  ],
  [
    (set) => !isFirst(set),
    ["faiss (generic) PQ4fs", "faiss (generic) IVF1024,PQ4fs"],
    "measured in the first set alone, as nothing follows from a generic build",
  ],
  [(set) => !isFirst(set), ["faiss HNSW16,Flat"], "measured in the first set alone, for its long build"],
  [isLarge, ["hnswlib-wasm", "hnswlib-node"], "builds of 2 to 7 minutes"],
];

/** Returns the contenders that a set leaves out, and why. */
export function leftOutOf(set: SetName, names: readonly string[]): { readonly name: string; readonly why: string }[] {
  return names.flatMap((name) => {
    const rule = RULES.find(([applies, named]) => named.includes(name) && applies(set));
    return rule ? [{ name, why: rule[2] }] : [];
  });
}

// What a set leaves out, so that the whole run ends within 35 minutes. --all measures everything.
import type { SetName } from "./row-sets.ts";

type Rule = readonly [applies: (set: SetName) => boolean, names: readonly string[], why: string];

const isFirst = ({ name, metric, words }: SetName): boolean => name === "GloVe" && metric === "dot" && words <= 100_000;
const isLarge = ({ words }: SetName): boolean => words > 100_000;

const RULES: readonly Rule[] = [
  [
    (set) => !isFirst(set),
    ["JS loop", "plain scan f32", "plain scan int8", "faiss Flat", "usearch f32", "midx, base SIMD"],
    "a variant with other instructions or rows stands for it",
  ],
  [(set) => !isFirst(set), ["faiss IMI2x7,Flat", "faiss IMI2x8,Flat", "faiss HNSW16,Flat"], "a long build"],
  [isLarge, ["hnswlib-wasm", "hnswlib-node"], "a build of minutes; hnswlib C++ is the faster form"],
];

/** The contenders that a set leaves out, and why. */
export function leftOutOf(set: SetName, names: readonly string[]): { readonly name: string; readonly why: string }[] {
  return names.flatMap((name) => {
    const rule = RULES.find(([applies, named]) => named.includes(name) && applies(set));
    return rule ? [{ name, why: rule[2] }] : [];
  });
}

import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { xxh64 } from "../fixtures/index-file.ts";
import { BUILDS } from "../fixtures/modules.ts";
import { open } from "../fixtures/open.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";
import { randomRows } from "../train/rows.ts";

/** The number of conditions and that of the scans have no common factor. */
const CONDITIONS: readonly ConditionOptions[] = [
  {},
  { temperature: 0.5 },
  { exclude: [0, 5, 6, 7], temperature: 3.7 },
  { allow: { bitmap: new Uint8Array(12).fill(0x55, 0, 10) } },
  { exclude: [1], allow: Int32Array.from({ length: 60 }, (_, id) => id), temperature: 2 },
];

/** A 64-bit digest of the numbers and arrays of numbers that are added. */
function startDigest(): { add: (...values: unknown[]) => void; value: () => string } {
  let hash = 0n;
  return {
    add: (...values) => {
      for (const value of values) {
        const array = ArrayBuffer.isView(value) ? value : Float64Array.of(Number(value));
        hash = xxh64(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), hash);
      }
    },
    value: () => hash.toString(16).padStart(16, "0"),
  };
}

/** The digest of the answers to `count` queries by every method. */
function digest(on: MultiIndex, count: number): string {
  const { add, value } = startDigest();
  const { dim, itemCount } = on.info;
  for (let i = 0; i < count; i++) {
    const query = randomRows(dim, 100 + i).map((value) => value * 2 ** (i % 6));
    const scan = [0, 5, 20, itemCount][i % 4] as number;
    const conditions = CONDITIONS[i % CONDITIONS.length];
    const options = { ...conditions, scan, seed: i };
    const top = on.predict(query, i % 12, { ...options, draws: (7 * i) % 40 });
    add(
      top.ids,
      top.scores,
      top.probabilities,
      top.logPartition,
      top.standardError,
      top.effectiveSampleSize,
      top.scored,
    );
    const draws = on.sample(query, 13, options);
    add(draws.ids, draws.scores, draws.logQ, draws.scored);
    const ids = [0, 1, itemCount - 1];
    add(on.logQ(query, ids, { ...conditions, scan }), on.score(query, ids));
    add(on.logProbability(query, ids, options).logProbabilities);
    const { lower, upper } = on.logPartition(query, options);
    add(lower, upper);
    const best = on.topK(query, i % 7, { ...conditions, exact: true });
    add(best.ids, best.scores);
    const exact = on.sample(query, 13, { ...conditions, seed: i, exact: true });
    add(exact.ids, exact.scores);
    const distinct = on.sampleTopK(query, 1 + (i % 7), i % 2 ? options : { ...conditions, seed: i, exact: true });
    add(distinct.ids, distinct.keys, distinct.threshold, distinct.logWeights);
  }
  return value();
}

/** The digest of topK by fine codes. */
function digestOfCodes(on: MultiIndex, count: number): string {
  const { add, value } = startDigest();
  const { dim, itemCount } = on.info;
  for (let i = 0; i < count; i++) {
    const query = randomRows(dim, 300 + i).map((entry) => entry * 2 ** (i % 6));
    const [scan, rescore] = [[10, 40, itemCount][i % 3], [3, 20, 60, itemCount][i % 4]] as [number, number];
    const { ids, scores, scored } = on.topK(query, i % 12, { ...CONDITIONS[i % CONDITIONS.length], scan, rescore });
    add(ids, scores, scored);
  }
  return value();
}

/** The digest of the answers from proposals by fine codes. */
function digestOfCodedProposals(on: MultiIndex, count: number): string {
  const { add, value } = startDigest();
  const { dim, itemCount } = on.info;
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);
  for (let i = 0; i < count; i++) {
    const query = randomRows(dim, 400 + i).map((entry) => entry * 2 ** (i % 6));
    const scan = [1, 7, 30, itemCount][i % 4] as number;
    const options = { ...CONDITIONS[i % CONDITIONS.length], proposal: "codes", scan } as const;
    const top = on.predict(query, i % 9, { ...options, seed: i, draws: (7 * i) % 40 });
    add(top.ids, top.scores, top.probabilities, top.logPartition, top.standardError, top.effectiveSampleSize);
    const draws = on.sample(query, 13, { ...options, seed: i });
    add(draws.ids, draws.scores, draws.logQ, on.logQ(query, ids, options));
    const { lower, upper, scored } = on.logPartition(query, { ...options, seed: i });
    add(lower, upper, scored, on.logProbability(query, ids, { ...options, seed: i }).logProbabilities);
  }
  return value();
}

describe("bits", () => {
  const COMMON = { itemCount: 90, dim: 7, bits: 2, scale: 0.5, bias: randomRows(90, 3) };
  const KINDS = (["pq", "rq"] as const).flatMap((quantizer) =>
    (["f32", "f16", "i8"] as const).map((rows) => ({ quantizer, rows })),
  );
  /**
   * The digest of the answers of a made-up index of each kind, which is the same in every runtime and build. A kernel
   * that adds in another order changes it, and that needs a new minor version. The failing test prints the new digest.
   */
  const GOLDEN = "16abc9b206d38bebff5e2388";
  const GOLDEN_OF_CODED_PROPOSALS = "2f6f37766532bb375887e286";
  const GOLDEN_OF_CODES = "152fbf7283608544d99a35e1";

  /** The digests for every build, cap and number of calls before. */
  async function digestsOf(file: Uint8Array, digestOf: (on: MultiIndex, count: number) => string): Promise<string[]> {
    const digests: string[] = [];
    for (const build of Object.keys(BUILDS) as (keyof typeof BUILDS)[]) {
      for (const limits of [{}, { maxDraws: 4096, maxScan: 4096 }]) {
        const made = await open(file, limits, build);
        digests.push(digestOf(made.index, 40), digestOf(made.index, 40));
      }
    }
    return digests;
  }

  /** Four digits of each kind's digest, joined. */
  async function goldenOf(fineCodes: boolean, digestOf: (on: MultiIndex, count: number) => string): Promise<string> {
    let golden = "";
    for (const kind of KINDS) {
      const digests = await digestsOf(indexFile(tinyIndex({ ...COMMON, ...kind, fineCodes })), digestOf);
      expect(new Set(digests).size, JSON.stringify(kind)).toBe(1);
      golden += digests[0]?.slice(0, 4);
    }
    return golden;
  }

  test("are the golden ones, whatever the build, the caps and the calls before", async () => {
    expect(await goldenOf(false, digest)).toBe(GOLDEN);
  });

  test("of fine codes are the golden ones too", async () => {
    expect(await goldenOf(true, digestOfCodes)).toBe(GOLDEN_OF_CODES);
  });

  test("of proposals by fine codes are the golden ones too", async () => {
    expect(await goldenOf(true, digestOfCodedProposals)).toBe(GOLDEN_OF_CODED_PROPOSALS);
  });

  test("are finite for large and small numbers, for every kind of query", async () => {
    const wide = (await open(indexFile(tinyIndex({ ...COMMON, scale: 2 ** 38, fineCodes: true })))).index;
    for (const query of [
      randomRows(7, 1).map((value) => value * 2 ** 39),
      new Float32Array(7),
      new Float32Array(7).fill(1e-45),
      randomRows(7, 2).map((value) => value * 1e-38),
      new Float32Array(7).fill(-(2 ** 40)),
    ]) {
      for (const scan of [0, 20, 90]) {
        const { logPartition, scores, probabilities } = wide.predict(query, 5, { scan, seed: 1 });
        const { logQ } = wide.sample(query, 20, { scan, seed: 1 });
        const coded = wide.topK(query, 5, { scan, rescore: 7 }).scores;
        const numbers = [logPartition, ...scores, ...probabilities, ...logQ, ...coded];
        expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([]);
      }
    }
  });
});

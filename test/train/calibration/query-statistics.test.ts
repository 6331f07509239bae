import { describe, expect, it } from "vitest";
import { load, type MultiIndex } from "../../../src/index.ts";
import { realStatistics } from "../../../src/internal.ts";
import { packedBands, unpackedBands } from "../../../src/train/calibration/query-statistics.ts";
import { type BuildOptions, build } from "../../../src/train/index.ts";
import { popularityBands } from "../../../src/train/rows/popularity.ts";
import { float32Of, readRaw } from "../../fixtures/index-file.ts";
import { randomRows } from "../rows.ts";

const [ITEMS, DIM, QUERIES] = [1500, 6, 60];
const MATRIX = { data: randomRows(ITEMS * DIM, 3), shape: [ITEMS, DIM] as const };
const queries = randomRows(QUERIES * DIM, 7).map((value) => 3 * value);
const bias = randomRows(ITEMS, 4);
const counts = randomRows(ITEMS, 5).map((value) => Math.floor(50 * value ** 2));

const built = (options: BuildOptions) => build(MATRIX, { calibrate: "quick", ...options });

/** The bands of all classes by a sort of their ids. */
function plainBands(popularity: ArrayLike<number>): number[] {
  const { length } = popularity;
  const order = Array.from({ length }, (_, id) => id).sort(
    (a, b) => (popularity[b] as number) - (popularity[a] as number) || a - b,
  );
  const bands = new Array<number>(length).fill(2);
  for (const [rank, id] of order.entries()) {
    if (rank < Math.ceil(length / 10)) bands[id] = rank < Math.ceil(length / 100) ? 0 : 1;
  }
  return bands;
}

/** The tensor that the definition gives: from default answers of the finished index, query by query. */
function plainStatistics(index: MultiIndex, bands: readonly number[] | undefined): Float32Array {
  const answers = Array.from({ length: QUERIES }, (_, i) => {
    const { ids, logPartition, ...shown } = index.predict(queries.subarray(i * DIM, (i + 1) * DIM), 1, { seed: 0 });
    return {
      band: bands?.[ids[0] as number],
      shown: [logPartition, shown.effectiveSampleSize / 100, shown.headShare],
    };
  });
  return Float32Array.from(
    [undefined, 0, 1, 2].flatMap((band) => {
      const own = answers.filter((answer) => band === undefined || answer.band === band);
      const moments = [0, 1, 2].flatMap((m) => {
        const values = own.map(({ shown }) => shown[m] as number);
        const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
        const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
        return [mean, Math.sqrt(squares / Math.max(1, values.length - 1))];
      });
      return [own.length, ...moments, 0];
    }),
  );
}

describe("the bands of classes", () => {
  it("are those of a sort by popularity, the lower id first among equals", () => {
    for (const popularity of [bias, counts, [], [1], new Float32Array(300), [3, Number.NEGATIVE_INFINITY, 3]]) {
      expect([...popularityBands(popularity).bandOf]).toEqual(plainBands(popularity));
    }
  });

  it("are the same out of the tensor as into it", () => {
    const { bandOf } = popularityBands(counts);
    for (const length of [0, 1, 4, 5, ITEMS]) {
      const some = bandOf.subarray(0, length);
      expect(unpackedBands(packedBands(some), length)).toEqual(some);
    }
  });
});

describe("the statistics of a build", () => {
  it.each([
    ["no popularity", {}, undefined],
    ["biases", { bias }, bias],
    ["counts, which go before biases", { bias, counts }, counts],
  ])("are those of the default answers to its queries, with %s", async (_, options, popularity) => {
    const file = await built({ queries, ...options });
    const index = await load(file);
    const expected = plainStatistics(index, popularity && plainBands(popularity));
    expect(new Float32Array(realStatistics(index, "values") as ArrayBuffer)).toEqual(expected);
    expect(expected[0]).toBe(QUERIES);
    if (popularity) expect(expected.slice(8).filter((_, i) => i % 8 === 0)).not.toContain(QUERIES);
    const raw = readRaw(file);
    expect(raw.metadata).toMatchObject({ "statistics.source": "queries", "statistics.queryCount": `${QUERIES}` });
    expect(raw.metadata["statistics.popularity"]).toBe(popularity ? "known" : "none");
    index.dispose();
  });

  it("say that they are of stand-ins, which no answer is compared with, and are missing without a calibration", async () => {
    const made = await built({ bias });
    expect(readRaw(made).metadata["statistics.source"]).toBe("stand-ins");
    expect(float32Of(readRaw(made), "statistics.values")[0]).toBe(32);
    const index = await load(made);
    expect(realStatistics(index, "values")).toBeUndefined();
    const off = await built({ bias, queries, calibrate: "off" });
    expect(readRaw(off).metadata.sections).not.toContain("statistics");
    expect(realStatistics(await load(off), "values")).toBeUndefined();
    expect(realStatistics({}, "values")).toBeUndefined();
    index.dispose();
  });
});

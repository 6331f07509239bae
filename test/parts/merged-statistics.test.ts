import { beforeAll, expect, test } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import { compileInlined } from "../../src/memory/compile-inlined.ts";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import { statisticsValues } from "../../src/publication/merged-statistics.ts";
import { calibrateParts } from "../../src/train/calibration/calibrate-parts.ts";
import { startYielding } from "../../src/train/runtime/event-loop.ts";
import { bias, DIM, data, ITEMS, queriesOfKind } from "../drift/drift-case.ts";
import { buildIndex } from "../fixtures/build-index.ts";

const [PARTS, QUERIES] = [2, 30];
const ROWS = ITEMS / PARTS;
const queries = queriesOfKind(QUERIES, 1);

let files: Uint8Array<ArrayBuffer>[];
let indexes: MultiIndex[];
beforeAll(async () => {
  files = await Promise.all(
    Array.from({ length: PARTS }, (_, part) =>
      buildIndex(
        { data: data.slice(part * ROWS * DIM, (part + 1) * ROWS * DIM), shape: [ROWS, DIM] },
        {
          bits: 1,
          seed: 1, // coarse, so that some answers are flagged
          calibrate: "quick",
          bias: bias.slice(part * ROWS, (part + 1) * ROWS),
        },
      ),
    ),
  );
  indexes = await Promise.all(files.map((file) => load(file)));
});

const measured = async (isReal: boolean) => {
  const parts = files.map((file, number) => ({
    ...{ number, before: number * ROWS, classes: ROWS },
    use: <Result>(action: (bytes: Uint8Array<ArrayBuffer>) => Promise<Result>) => action(file),
  }));
  const asked = { modules: await compileInlined(), dim: DIM, queries, yieldIfDue: startYielding(undefined) };
  return calibrateParts(parts, asked, { effort: "quick", metric: "dot", isReal });
};

/** The band of a class within its part: biases fall with the ids. */
const bandOf = (id: number): string =>
  id % ROWS < Math.ceil(ROWS / 100) ? "head" : id % ROWS < Math.ceil(ROWS / 10) ? "torso" : "tail";

test("statistics of merged answers are those of the default answers of all parts to real queries", async () => {
  const { statistics, calibration } = await measured(true);
  const parts = indexes.map((index, number) => partOf(index, { number }));
  const parted = new PartedIndex(parts, { ...(calibration && { calibration }) });
  const answers = await parted.predict(queries, 1, { seed: 0, batch: QUERIES });
  for (const [row, name] of ["all", "head", "torso", "tail"].entries()) {
    const own = answers.filter(({ ids }) => name === "all" || bandOf(ids[0] as number) === name);
    const found = statistics?.bands[row];
    expect(found).toMatchObject({ band: name, queryCount: own.length });
    for (const [measure, of] of [
      ["logPartition", ({ logPartition }: (typeof answers)[number]) => logPartition],
      [
        "essShare",
        ({ effectiveSampleSize, choice }: (typeof answers)[number]) => effectiveSampleSize / (choice?.draws || 100),
      ],
      ["headShare", ({ headShare }: (typeof answers)[number]) => headShare],
    ] as const) {
      const values = own.map(of);
      const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
      const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
      expect(found?.[measure].mean).toBeCloseTo(mean, 5);
      expect(found?.[measure].deviation).toBeCloseTo(Math.sqrt(squares / Math.max(1, values.length - 1)), 5);
    }
  }
  expect(answers.filter(({ choice }) => choice !== undefined).length).toBeGreaterThan(2);
  expect(new Set(answers.map(({ ids }) => bandOf(ids[0] as number))).size).toBeGreaterThan(1);
  expect(statistics).toMatchObject({ source: "queries", queryCount: QUERIES });
  const values = statisticsValues(statistics as NonNullable<typeof statistics>);
  expect([values[0], values[1], values[7]]).toEqual([QUERIES, statistics?.bands[0]?.logPartition.mean, 0]);
});

test("stand-ins leave none: they are no measure of queries", async () => {
  expect((await measured(false)).statistics).toBeUndefined();
});

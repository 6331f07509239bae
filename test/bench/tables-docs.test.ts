import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { FIGURE, TABLES_BLOCKS } from "../../bench/tables/docs.ts";
import { trainingFigure } from "../../bench/tables/figure.ts";
import { bestRate, chosenOf, tableRuns, tuningRuns } from "../../bench/tables/plan.ts";
import type { SetFacts, TablesResult } from "../../bench/tables/result.ts";
import { entriesOf, gainBySeed, goalOf } from "../../bench/tables/summary.ts";
import type { Trained } from "../../bench/tables/training.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("docs/results.md", () => {
  const result = JSON.parse(read("bench/results/tables.json")) as TablesResult;

  it.each(Object.entries(TABLES_BLOCKS))("shows what was measured: %s", (name, block) => {
    expect(read("docs/results.md")).toContain(`<!-- ${name} -->\n\n${block(result)}\n\n<!-- /${name} -->`);
  });

  it("has its figure", () => {
    expect(read(FIGURE)).toBe(trainingFigure(result));
  });
});

const set: SetFacts = {
  name: "ptb",
  measure: "perplexity",
  ks: [10],
  epochs: 2,
  classCount: 9,
  examples: 5,
  unseenClasses: 0,
  unseenPositives: 0,
};
const trained = (values: Partial<Trained>, ...valid: number[]): Trained => ({
  ...{ set: "ptb", proposal: "uniform", draws: 100, rate: 0.1, seed: 1, epochs: valid.length },
  epochsPassed: valid.map((value, epoch) => ({ seconds: epoch + 1, valid: value, test: { perplexity: 10 * value } })),
  ...values,
});

test("a rate is chosen by the validation part after one epoch: the lowest perplexity, or the highest other measure", () => {
  const runs = [trained({ rate: 0.1 }, 30), trained({ rate: 0.2 }, 20), trained({ rate: 0.3 }, 25)];
  expect(bestRate(set, runs)).toBe(0.2);
  expect(bestRate({ ...set, measure: "P@1" }, runs)).toBe(0.1);
});

test("every proposal is tuned on the same grid, and one that enumerates the classes has one seed", () => {
  const grid = (proposal: Trained["proposal"]): number[] => tuningRuns(set, proposal).map(({ rate }) => rate);
  expect(grid("MIDX-RQ")).toEqual(grid("uniform"));
  expect(new Set(tableRuns(set, "uniform", 0.1).map(({ seed, draws }) => `${seed}/${draws}`)).size).toBe(6);
  expect(tableRuns(set, "RFF", 0.1).map(({ draws }) => draws)).toEqual([100, 20]);
  expect(tableRuns({ ...set, classCount: 40_000 }, "RFF", 0.1).map(({ draws }) => draws)).toEqual([100]);
  expect(tableRuns(set, "full softmax", 0.1).map(({ draws }) => draws)).toEqual([0, 0, 0]);
});

test("test results are those of the epoch that the validation part chooses, over the seeds", () => {
  const runs = [trained({}, 20, 30), trained({ seed: 2 }, 26, 22), trained({ rate: 0.2 }, 1)];
  expect(chosenOf(set, runs[1] as Trained).valid).toBe(22);
  const [entry] = entriesOf({ machine: "", node: "", sets: [set], runs }, set, 100);
  expect(entry).toMatchObject({ runs: 2, mean: { perplexity: 210 }, epochSeconds: 1 });
  expect(entry?.deviation.perplexity).toBeCloseTo(Math.sqrt(200));
});

test("the goal is the full softmax minus 5 %, and the time to it is that of all seeds or none", () => {
  const full = [trained({ proposal: "full softmax", draws: 0 }, 30, 20)];
  const result = (...runs: Trained[]): TablesResult => ({
    machine: "",
    node: "",
    sets: [set],
    runs: [...full, ...runs],
  });
  expect(goalOf(result(), set)).toBe(21);
  const timeTo = (...runs: Trained[]): number | undefined =>
    entriesOf(result(...runs), set, 100)
      .find(({ proposal }) => proposal === "uniform")
      ?.secondsTo(21);
  expect(timeTo(trained({}, 25, 20), trained({ seed: 2 }, 21, 20))).toBe(1.5);
  expect(timeTo(trained({}, 25, 20), trained({ seed: 2 }, 22, 22))).toBeUndefined();
});

test("tables have a row per proposal and draws, with the seconds to the goal where all seeds reach it", () => {
  const full = trained({ proposal: "full softmax", draws: 0 }, 30, 20);
  const runs = [full, trained({}, 25, 20), trained({ draws: 20 }, 30, 25)];
  const rowsOf = (block: string): string[] | undefined =>
    TABLES_BLOCKS[block]?.({ machine: "", node: "", sets: [set], runs })
      .split("\n")
      .slice(2);
  expect(rowsOf("seconds")).toEqual([
    "| full softmax |  | 1.0 (2.0) |",
    "| uniform | 100 | 1.0 (2.0) |",
    "|  | 20 | 1.0 |",
  ]);
  expect(rowsOf("measures")?.[2]).toBe("|  | 20 | 250.0 |");
});

describe("a gain", () => {
  const entryOf = (...runs: Trained[]) => {
    const [entry] = entriesOf({ machine: "", node: "", sets: [set], runs }, set, 100);
    if (!entry) throw new Error("no entry");
    return entry;
  };

  test("is above 0 for a lower perplexity and for a higher precision", () => {
    const [low, high] = [entryOf(trained({}, 20, 20)), entryOf(trained({}, 25, 25))];
    expect(gainBySeed(set, low, high)).toEqual({ mean: 0.25, halfWidth: undefined });
    expect(gainBySeed({ ...set, measure: "P@1" }, low, high).mean).toBeCloseTo(-0.2);
  });

  test("has the interval of Student's t over the seeds that both have", () => {
    const own = entryOf(trained({}, 20, 20), trained({ seed: 2 }, 20, 20), trained({ seed: 3 }, 20, 20));
    const other = entryOf(trained({}, 22, 22), trained({ seed: 2 }, 24, 24), trained({ seed: 4 }, 99, 99));
    const { mean, halfWidth } = gainBySeed(set, own, other);
    expect(mean).toBeCloseTo(0.15); // of .1 and .2
    expect(halfWidth).toBeCloseTo(12.706 * 0.05); // the error of the mean of two is half of their distance
  });
});

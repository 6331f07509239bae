import { join } from "node:path";
import { expect, test } from "vitest";
import { randomRows } from "../../train/rows.ts";
import { makeFolder } from "../files.ts";
import { jsonLines, midx } from "../run.ts";
import { npy } from "./words.ts";

// Warnings of rows that index badly, by builds in parts: test/cli/table-warnings.test.ts compares them with those of one file.

/** Rows of `dim` values, the first of which are zeros. */
const zerosFirst = (zeros: number, itemCount: number, dim: number, size = 1): string => {
  const rows = randomRows(itemCount * dim, 5).map((value, i) => (i < zeros * dim ? 0 : size * value));
  return npy("rows.npy", rows, `(${itemCount}, ${dim})`);
};
const PARTS = ["--calibrate", "off", "--parts", "3"];

test("a build in parts warns of its table once, by events and by the task that measures it, too", async () => {
  const table = zerosFirst(1500, 3000, 4, 1e-9);
  const warnings = [expect.stringMatching(/^1500 of 3000 rows are zero/), expect.stringContaining("too small for f16")];
  const small = ["--row-type", "f16", ...PARTS];
  const { stdout } = await midx(["build", table, "-o", makeFolder(), "--json", ...small]);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "built", warnings });
  const plan = join(makeFolder(), "plan.json");
  await midx(["build-plan", table, "-o", plan, ...small]);
  const told: number[] = [];
  for (let task = 0; task < 7; task++) {
    const { code, stderr } = await midx(["build-task", plan, "--index", String(task)]);
    expect(code, stderr).toBe(0);
    told.push(stderr.split("warning: ").length - 1);
  }
  expect(told).toEqual([0, 0, 0, 0, 0, 2, 0]);
});

test("a build in parts says what a look at its rows takes where memory is too small for it", async () => {
  const table = zerosFirst(2000, 3000, 200);
  const build = (mebibytes: number) =>
    midx(["build", table, ...PARTS, "--bits", "2", "--max-memory", `${mebibytes}`, "-o", makeFolder()]);
  const enoughToBuild = 130;
  const small = await build(enoughToBuild);
  expect([small.code, small.stderr]).toEqual([0, ""]);
  const [, needed = ""] = /; rows not looked at, which takes --max-memory (\d+)/.exec(small.stdout) ?? [];
  expect(Number(needed)).toBeGreaterThan(enoughToBuild);
  const enough = await build(Number(needed));
  expect(enough.stdout).not.toContain("not looked at");
  expect(enough.stderr).toMatch(/^warning: 2000 of 3000 rows are zero/);
});

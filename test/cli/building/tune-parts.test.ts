import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Tuning } from "../../../src/cli/building/tuning.ts";
import { load } from "../../../src/index.ts";
import { makeFolder, writeInput } from "../files.ts";
import { jsonLines, midx, noise } from "../run.ts";

const [ITEMS, DIM] = [400, 6];
/** A table whose first column has one large value, with which int8 rows lose the best classes. */
const csv = (rows: number, seed: number, first?: number): string => {
  const values = noise(rows * DIM, seed);
  const row = (i: number) => Array.from({ length: DIM }, (_, d) => (d === 0 && first) || values[i * DIM + d]);
  return Array.from({ length: rows }, (_, i) => `${row(i).join(",")}\n`).join("");
};

interface Tuned extends Tuning {
  readonly rows: number;
  readonly queryCount: number;
}

const inputs = (first?: number) => [
  writeInput("rows.csv", csv(ITEMS, 1, first)),
  ...["--queries", writeInput("queries.csv", csv(40, 9)), "--calibrate", "off"],
];
const generationIn = (folder: string): string =>
  JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")).generation;

/** Builds parts, and returns what --json printed of --tune, and the facts of the parts. */
async function built(first: number | undefined, ...options: string[]) {
  const folder = join(makeFolder(), "parts");
  const { code, stdout, stderr } = await midx(["build", ...inputs(first), "-o", folder, "--json", ...options]);
  expect([code, stderr.replace(/^note: values from .*\n/, "")]).toEqual([0, ""]);
  const { parts } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const indexes = await Promise.all(parts.map(({ file }: { file: string }) => load(readFileSync(join(folder, file)))));
  const structures = indexes.map(({ info: { quantizer, rowType, codewordCount } }) => ({
    quantizer,
    bits: Math.log2(codewordCount),
    rowType,
  }));
  const tuned = jsonLines(stdout).find(({ event }) => event === "tuned") as unknown as Tuned;
  return { folder, tuned, structures };
}

test("midx build --tune --parts tries as many rows as one part has, and builds the parts with what it takes", async () => {
  const { folder, tuned, structures } = await built(undefined, "--parts", "3", "--tune");
  expect(tuned).toMatchObject({ rows: 133, itemCount: ITEMS, queryCount: 40, isComplete: true });
  const cheapest = tuned.trials.reduce((best, trial) => (trial.cost < best.cost ? trial : best));
  const { quantizer, rowType } = cheapest;
  const bits = cheapest.bits + 1; // as by default for all rows, with which the parts share codebooks
  expect(tuned.taken).toEqual({ quantizer, bits, rowType });
  expect(structures).toEqual([tuned.taken, tuned.taken, tuned.taken]);
  const named = ["--quantizer", quantizer, "--bits", String(bits), "--row-type", rowType];
  expect(generationIn((await built(undefined, "--parts", "3", ...named)).folder)).toBe(generationIn(folder));
});

test("it takes a larger row type where i8 loses the best classes, and changes nothing that an option names", async () => {
  const { tuned, structures } = await built(1000, "--part-rows", "200", "--tune", "--bits", "3", "--quantizer", "rq");
  expect(tuned.trials[0]).toMatchObject({ rowType: "i8", bits: 3 });
  expect(tuned.taken).toMatchObject({ quantizer: "rq", bits: 3, rowType: expect.stringMatching(/^f(16|32)$/) });
  expect(structures).toEqual([tuned.taken, tuned.taken]);
});

test("parts that are chosen get it, too, and the text says what was tried on what", async () => {
  const folder = join(makeFolder(), "parts");
  const { code, stdout } = await midx(["build", ...inputs(), "--parts", "auto", "--tune", "-o", folder]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^trials on 400 of 400 rows, evenly spaced, with 40 queries:\n--tune tried \d structures, and took \w\w \d i8:\n/,
  );
});

test("midx build-plan --tune has the choice in the plan", async () => {
  const plan = join(makeFolder(), "plan.json");
  const argv = ["build-plan", ...inputs(1000), "--parts", "2", "--tune", "--tune-seconds", "600", "--json", "-o", plan];
  const { code, stdout, stderr } = await midx(argv);
  expect(code, stderr).toBe(0);
  const [tuned] = jsonLines(stdout).filter(({ event }) => event === "tuned");
  expect(JSON.parse(readFileSync(plan, "utf8")).settings).toMatchObject(tuned?.taken as object);
  const late = await midx(["build", ...inputs(), "--parts", "2", "--tune-seconds", "1", "-o", makeFolder()]);
  expect(late).toMatchObject({ code: 2, stderr: expect.stringContaining("'--tune-seconds' needs '--tune'") });
});

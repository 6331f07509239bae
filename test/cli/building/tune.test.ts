import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Tuning } from "../../../src/cli/building/tuning.ts";
import { load } from "../../../src/index.ts";
import { makeFolder, writeInput } from "../files.ts";
import { jsonLines, midx, noise } from "../run.ts";

const DIM = 6;
const csv = (rows: number, seed: number, first?: number): string => {
  const values = noise(rows * DIM, seed);
  const row = (i: number) => Array.from({ length: DIM }, (_, d) => (d === 0 && first) || values[i * DIM + d]);
  return Array.from({ length: rows }, (_, i) => `${row(i).join(",")}\n`).join("");
};
const queries = () => writeInput("queries.csv", csv(40, 9));

interface Built {
  readonly tuning: Tuning;
  readonly info: { readonly quantizer: string; readonly rowType: string; readonly codewordCount: number };
}

/** Builds with --tune, and returns what it printed, with the file. */
async function tuned(table: string, ...options: string[]) {
  const path = join(makeFolder(), "words.midx");
  const argv = [
    "build",
    writeInput("rows.csv", table),
    "--queries",
    queries(),
    "--calibrate",
    "off",
    "--json",
    "-o",
    path,
  ];
  const { code, stdout, stderr } = await midx([...argv, ...options]);
  expect([code, stderr]).toEqual([0, ""]);
  return { ...(jsonLines(stdout).at(-1) as unknown as Built), bytes: readFileSync(path) };
}

test("midx build --tune takes the least work for an error of what it tried, and builds that", async () => {
  const { tuning, bytes } = await tuned(csv(400, 1), "--tune");
  const { trials, taken, isComplete } = tuning;
  expect(isComplete).toBe(true);
  const [first] = trials;
  expect(trials.map(({ bits }) => bits).slice(0, 3)).toEqual([0, 1, -1].map((more) => (first?.bits ?? 0) + more));
  expect(new Set(trials.map(({ quantizer }) => quantizer))).toEqual(new Set(["rq", "pq"]));
  const cheapest = trials.reduce((best, trial) => (trial.cost < best.cost ? trial : best));
  expect(taken).toEqual({ quantizer: cheapest.quantizer, bits: cheapest.bits, rowType: "i8" });
  for (const { cost, work, quality } of trials) {
    expect(cost).toBeCloseTo(work * Math.max(quality.logPartitionErrorP90, 1e-4) ** 2, 12);
  }
  const { quantizer, rowType, codewordCount } = (await load(bytes)).info;
  expect({ quantizer, rowType, bits: Math.log2(codewordCount) }).toEqual(taken);
});

test("it changes nothing that an option names, and begins no trial when its time is up", async () => {
  const named = await tuned(csv(400, 1), "--tune", "--bits", "3", "--quantizer", "pq", "--row-type", "f16");
  expect(named.tuning.trials).toHaveLength(1);
  expect(named.tuning.taken).toEqual({ bits: 3, quantizer: "pq", rowType: "f16" });
  const late = await tuned(csv(400, 1), "--tune", "--tune-seconds", "0");
  expect(late.tuning).toMatchObject({ trials: { length: 1 }, isComplete: false });
  expect(late.bytes).toEqual((await tuned(csv(400, 1))).bytes);
});

test("it takes a larger row type where i8 loses the best classes", async () => {
  const { tuning } = await tuned(csv(400, 1, 1000), "--tune", "--bits", "3", "--quantizer", "rq");
  const [i8] = tuning.trials;
  expect(i8).toMatchObject({ rowType: "i8" });
  expect(i8?.rowRecall).toBeLessThan(0.9);
  expect(tuning.taken.rowType).not.toBe("i8");
});

test("it measures refined rows where there are residuals, and promises no best classes that it does not keep", async () => {
  const path = join(makeFolder(), "words.midx");
  const argv = ["build", writeInput("rows.csv", csv(400, 1, 1000)), "--queries", queries(), "--tune", "-o", path];
  const given = ["--bits", "3", "--quantizer", "rq", "--row-type", "i8"];
  const { stdout } = await midx([...argv, ...given]);
  expect(stdout).toMatch(/^--tune tried 1 structures, and took rq 3 i8:\nthe least work for a given error\n/m);
  const refined = await midx([...argv, ...given, "--residuals", "--fine-codes", "--json"]);
  expect(jsonLines(refined.stdout).at(-1)).toMatchObject({ tuning: { trials: [{ rowRecall: expect.closeTo(1, 1) }] } });
});

test("it says in words what it took and why, and refuses a build on disk", async () => {
  const path = join(makeFolder(), "words.midx");
  const argv = ["build", writeInput("rows.csv", csv(400, 1)), "--queries", queries(), "--tune", "-o", path];
  expect((await midx([...argv, "--bits", "3"])).stdout).toMatch(
    /^--tune tried 2 structures, and took (rq|pq) 3 i8:\nthe smallest row type that keeps 99 % .*\nstructure +row recall /m,
  );
  expect(await midx([...argv, "--max-memory", "500"])).toMatchObject({ code: 2 });
  const timed = [...argv.filter((option) => option !== "--tune"), "--tune-seconds", "9"];
  expect(await midx(timed)).toMatchObject({ code: 2, stderr: "error: '--tune-seconds' needs '--tune'\n" });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DecodeOptions, EstimateOptions } from "../../src/index.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral, writeInput } from "./files.ts";
import { jsonLines, midx, noise, writeTable } from "./run.ts";

const ITEMS = 300;
const DIM = 4;
const VECTOR = ["--vector", "[0.5, -1, 2e0, 0.25]"];
const query = Float32Array.of(0.5, -1, 2, 0.25);
const PENALTIES = { repetitionPenalty: 1.3, presencePenalty: -0.2, frequencyPenalty: 0.1 };
const PENALTY_ARGUMENTS = ["--repetition-penalty", "1.3", "--presence-penalty", "-0.2", "--frequency-penalty", "0.1"];
const CHANGES = { bias: { ids: [3, 4], values: [2.5, Number.NEGATIVE_INFINITY] }, history: [7, 7, 9], ...PENALTIES };
const CHANGE_ARGUMENTS = ["--bias", "3=2.5,4=-Infinity", "--history", "7,7,9", ...PENALTY_ARGUMENTS];

let folder: string;
let file: string;
let index: MultiIndex;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "midx-decode-"));
  file = join(folder, "index.midx");
  const table = join(folder, "table.npy");
  writeFileSync(table, npyBytes(npyLiteral("<f4", `(${ITEMS}, ${DIM})`), bytesOf(noise(ITEMS * DIM, 1))));
  expect(await midx(["build", table, "-o", file])).toMatchObject({ code: 0, stderr: "" });
  index = await load(readFileSync(file));
});
afterAll(() => rmSync(folder, { recursive: true }));

const written = (answer: object): object =>
  JSON.parse(
    JSON.stringify(answer, (_, value) => {
      if (typeof value === "bigint") return String(value);
      return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
    }),
  );

describe("midx decode", () => {
  test.each<[argv: string[], options: DecodeOptions]>([
    [[], {}],
    [["--temperature", "0"], { temperature: 0 }],
    [["--temperature", "0.7", "--min-p", "0.2"], { temperature: 0.7, minP: 0.2 }],
    [
      ["--top-k", "20", "--top-p", "0.9", "--order", "top-p,top-k,temperature"],
      { topK: 20, topP: 0.9, order: ["topP", "topK", "temperature"] },
    ],
    [
      ["--top-p", "0.8", "--certain", "--top-log-probabilities", "3"],
      { topP: 0.8, certain: true, topLogProbabilities: 3 },
    ],
    [["--top-p", "0.8", "--target-error", "0.5"], { topP: 0.8, targetError: 0.5 }],
    [CHANGE_ARGUMENTS, CHANGES],
    [["--exclude", "1,2", "--allow", "1,3,5"], { exclude: [1, 2], allow: [1, 3, 5] }],
  ])("with %j answers as the library does", async (argv, options) => {
    const { stdout, stderr } = await midx(["decode", file, ...VECTOR, "--seed", "7", "--json", ...argv]);
    expect(stderr).toBe("");
    expect(jsonLines(stdout)).toEqual([written(index.decode(query, { ...options, seed: 7 }))]);
  });

  test("prints the class, what was kept and what decided it", async () => {
    const labels = writeInput("names.txt", Array.from({ length: ITEMS }, (_, id) => `name-${id}\n`).join(""));
    const options = { minP: 0.2, topLogProbabilities: 2, seed: 7 } as const;
    const { id, kept, logProbability, score, scored, top } = index.decode(query, options);
    const argv = ["--min-p", "0.2", "--top-log-probabilities", "2", "--seed", "7", "--labels", labels];
    const { stdout } = await midx(["decode", file, ...VECTOR, ...argv]);
    const lines = stdout.split("\n");
    expect(lines[1]?.split(/ +/).filter(Boolean)).toEqual([
      String(id),
      logProbability.toFixed(4).replace(/^-(?=[0.]*$)/, ""),
      score.toFixed(4),
      `name-${id}`,
    ]);
    expect(stdout).toContain(`name-${top?.ids[1]}`);
    expect(stdout).toMatch(new RegExp(`\nclasses kept +${kept} of ${ITEMS}\n`));
    expect(stdout).toMatch(/\ndecided by +bounds of all scores\n/);
    expect(stdout).toMatch(new RegExp(`\nclasses scored +${scored} rows in several passes over ${ITEMS}\nseed +7\n`));
  });

  test.each([
    [["--top-p", "0"], "'--top-p' expected"],
    [["--top-p", "2"], "Expected a number in 0..1."],
    [["--target-error", "-1"], "Expected a number of at least 0."],
    [
      ["--target-error", "0.1", "--top-p", "0.9", "--min-p", "0.5"],
      "'--target-error' expected '--top-p' as the first truncation, got '--min-p'; leave it out",
    ],
    [["--order", "top-p,typical"], "Expected temperature, min-p, top-k, top-p separated by commas, each once."],
    [["--order", "top-p,top-p"], "Expected temperature, min-p, top-k, top-p separated by commas, each once."],
    [["--order", "top-p", "--min-p", "0.5"], "'--order' expected '--min-p' in it, which is given, got [top-p]"],
    [
      ["--order", "top-p,temperature", "--top-k", "5"],
      "expected '--top-k' in it, which is given, got [top-p, temperature]",
    ],
    [["--bias", "3"], `Expected classes with numbers, such as "3=2.5,17=-Infinity".`],
    [["--bias", "3=x"], `Expected classes with numbers, such as "3=2.5,17=-Infinity".`],
    [["--bias", "3=1,3=2"], "expected every class once, got 3 again"],
    [["--bias", "300=1"], "expected an integer in 0..299, got 300"],
    [["--history", "1,300"], "expected an integer in 0..299, got 300"],
    [["--presence-penalty", "1"], "'--presence-penalty' expected '--history' beside it"],
    [["--temperature", "-1"], "Expected 0, or a number in 2^-20..2^20 (about 1e-6 to 1e6)."],
    [["--temperature", ""], "Expected 0, or a number in"],
    [["--allow", ""], "'--namespace' and '--bias' expected to leave a class that the index has, got none"],
    [["--exact"], "unknown option '--exact'"],
    [["--typical-p", "0.9"], "unknown option '--typical-p': use '--min-p' or '--top-p'\n"],
    [["--mirostat=2"], "unknown option '--mirostat': use '--temperature' with '--top-p'\n"],
    [["--logit_bias", "3:1"], "unknown option '--logit_bias': it is called '--bias' here\n"],
    [["--logprobs", "3"], "unknown option '--logprobs': it is called '--top-log-probabilities' here\n"],
    [["--bad-words", "x"], "unknown option '--bad-words': use '--exclude', which bans classes"],
  ])("refuses %j", async (argv, message) => {
    const { code, stdout, stderr } = await midx(["decode", file, ...VECTOR, ...argv]);
    expect(stdout).toBe("");
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(message);
  });
});

describe("changed logits", () => {
  const options: EstimateOptions = { ...CHANGES, scan: 20, seed: 7 };
  const argv = [...VECTOR, ...CHANGE_ARGUMENTS, "--scan", "20", "--seed", "7", "--json"];

  test("are those of midx predict", async () => {
    const { stdout } = await midx(["predict", file, "-k", "3", ...argv]);
    expect(jsonLines(stdout)).toEqual([written(index.predict(query, 3, options))]);
  });

  test("are those of midx sample", async () => {
    const { stdout } = await midx(["sample", file, "--draws", "9", ...argv]);
    expect(jsonLines(stdout)).toEqual([written(index.sample(query, 9, { ...CHANGES, scan: 20, seed: 7 }))]);
  });

  test("may be those of more classes than an index plans for by default", async () => {
    const large = join(makeFolder(), "large.midx");
    await midx(["build", writeTable(6000, DIM), "-o", large]);
    const history = Array.from({ length: 5000 }, (_, id) => id);
    const asked = ["--history", history.join(","), "--presence-penalty", "1", "--exact", "--json", "--seed", "7"];
    const { stdout } = await midx(["predict", large, ...VECTOR, ...asked]);
    const opened = await load(readFileSync(large), { maxChanged: 5000 });
    const expected = opened.predict(query, 10, { history, presencePenalty: 1, exact: true, seed: 7 });
    expect(jsonLines(stdout)[0]).toMatchObject({ ids: Array.from(expected.ids), logPartition: expected.logPartition });
  });
});

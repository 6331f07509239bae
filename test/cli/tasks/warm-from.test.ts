import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { partOf } from "../../../src/parts/loaded-part.ts";
import { PartedIndex } from "../../../src/parts/parted-index.ts";
import { readWarmStart } from "../../../src/train/build/warm-start.ts";
import { buildKernels } from "../../../src/train/runtime/kernels-inlined.ts";
import { EVERY } from "../../run/size.ts";
import { makeFolder } from "../files.ts";
import { noise } from "../run.ts";
import { BIAS, DATA, DIM, fail, hashesOf, npy, ROWS, readManifest, rowsFile, succeed } from "./words.ts";

// Parts start from the codebooks of an older index as one index does.

const { checksum } = await buildKernels();
const bias = () => npy("bias.npy", BIAS, `(${ROWS},)`);

/** An index of an earlier state of the table, whose every third value was another one. */
async function olderIndex(...options: string[]): Promise<string> {
  const older = DATA.map((value, i) => (i % 3 === 0 ? value + (noise(1, i)[0] as number) : value));
  const output = join(makeFolder(), "older.midx");
  const argv = ["build", npy("older.npy", older, `(${ROWS}, ${DIM})`), "--bias", bias(), "--calibrate", "off"];
  await succeed(...argv, ...options, "-o", output);
  return output;
}

const codebooksOf = (path: string): string => {
  const { quantizer, fineCodebooks, facts } = readWarmStart(readFileSync(path), checksum);
  return JSON.stringify([quantizer, fineCodebooks && Array.from(fineCodebooks), facts.report?.weights]);
};

describe("a build in parts with --warm-from", () => {
  /** `npm test` takes each path of the codebooks and of the fine codes once. */
  const KINDS: [string, string[], string[]][] = [
    ["another structure", ["--bits", "2", "--quantizer", "pq", "--metric", "cosine"], []],
    ["codebooks of fine codes, too", ["--fine-codes"], ["--fine-codes"]],
    ["fine codes that the older index lacks", ["--bits", "3"], ["--fine-codes"]],
    ["two updates", ["--bits", "3"], ["--warm-passes", "2"]],
    ["the codebooks as they are", ["--bits", "3"], []],
    ["an update, and fine codes made anew", ["--fine-codes"], ["--fine-codes", "--warm-passes", "1"]],
  ];
  test.each(EVERY ? KINDS : KINDS.slice(0, 4))(
    "has the codebooks and the exact answers of one index: %s",
    async (_, olderOptions, options) => {
      const older = await olderIndex(...olderOptions);
      const [words, whole] = [join(makeFolder(), "words"), join(makeFolder(), "whole.midx")];
      const argv = ["build", rowsFile(), "--bias", bias(), "--calibrate", "off", "--warm-from", older, ...options];
      await succeed(...argv, "-o", whole);
      await succeed(...argv, "--parts", "3", "-o", words);
      const files = (await readManifest(words)).parts.map(({ file }) => join(words, file as string));
      for (const file of files) expect(codebooksOf(file)).toBe(codebooksOf(whole));
      const index = await load(readFileSync(whole));
      const parts = await Promise.all(files.map((file) => load(readFileSync(file))));
      const parted = new PartedIndex(parts.map((part, number) => partOf(part, { number })));
      const query = noise(DIM, 11);
      const [all, one] = [await parted.topK(query, 20, { exact: true }), index.topK(query, 20, { exact: true })];
      expect([all.ids, all.scores]).toEqual([one.ids, one.scores]);
    },
  );

  test("is the same by tasks, and a plan names the older index", async () => {
    const older = await olderIndex("--bits", "3");
    const options = [rowsFile(), "--calibrate", "off", "--warm-from", older, "--warm-passes", "1", "--parts", "2"];
    const [words, others] = [join(makeFolder(), "words"), join(makeFolder(), "others")];
    await succeed("build", ...options, "-o", words);
    const plan = join(others, "plan.json");
    await succeed("build-plan", ...options, "-o", plan);
    for (const task of ["0", "1", "3", "2", "4", "5"]) await succeed("build-task", plan, "--index", task);
    const { "plan.json": _, ...built } = hashesOf(words);
    const { "plan.json": __, ...byTasks } = hashesOf(others);
    expect(byTasks).toEqual(built);
    expect(readFileSync(plan, "utf8")).toContain('"warmPasses": 1');
  });

  test("takes a part of the older index, since all have its codebooks", async () => {
    const [older, newer] = [join(makeFolder(), "older"), join(makeFolder(), "newer")];
    const argv = ["build", rowsFile(), "--calibrate", "off", "--parts", "2"];
    await succeed(...argv, "-o", older);
    const [part] = (await readManifest(older)).parts;
    const file = join(older, part?.file as string);
    await succeed(...argv, "--warm-from", file, "-o", newer);
    const [first] = (await readManifest(newer)).parts;
    expect(first?.sha256).toBe(part?.sha256);
  });

  test.each([
    [["--bits", "2"], 2, "'--warm-from' expected an index with bits 2, got one with 3"],
    [["--metric", "cosine"], 2, "'--warm-from' expected an index with metric cosine, got one with dot"],
    [["--compare"], 2, "cannot be used with"],
  ])("refuses %j before it begins", async (options, code, message) => {
    const older = await olderIndex("--bits", "3");
    const argv = ["build", rowsFile(), "--warm-from", older, "--parts", "2", ...options];
    expect(await fail(code, ...argv, "-o", join(makeFolder(), "words"))).toContain(message);
  });

  test("refuses updates of nothing, and an older index of other rows", async () => {
    const output = join(makeFolder(), "words");
    const argv = ["build", rowsFile(), "--parts", "2", "-o", output];
    expect(await fail(2, ...argv, "--warm-passes", "1")).toContain("'--warm-passes' needs '--warm-from'");
    const wide = join(makeFolder(), "wide.midx");
    await succeed("build", npy("wide.npy", noise(90, 3), "(10, 9)"), "--calibrate", "off", "-o", wide);
    expect(await fail(2, ...argv, "--warm-from", wide)).toContain("expected an index with dim 6, got one with 9");
  });
});

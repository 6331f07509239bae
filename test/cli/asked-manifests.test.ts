import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openParts } from "../../src/cli/asking/parts-of-manifest.ts";
import { filesOf } from "../../src/cli/publishing/manifest-file.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { Manifest } from "../../src/publication/manifest.ts";
import type { Evaluation } from "../../src/train/index.ts";
import { EVERY } from "../run/size.ts";
import { bytesOf, npyBytes, npyLiteral } from "./files.ts";
import { noise } from "./run.ts";
import { fail, readManifest, succeed } from "./tasks/words.ts";

// Commands that ask an index take a manifest: its parts answer as one.

const [ROWS, DIM, QUERIES] = [EVERY ? 3000 : 1500, 8, 60];
const asked = noise(QUERIES * DIM, 33).map((value) => 3 * value);
const LABELS = Array.from({ length: ROWS }, (_, i) => `word-${i}`);
let manifest: Manifest;
let [path, whole, queries] = ["", "", ""];
let indexes: MultiIndex[];
let parted: PartedIndex;
const query = asked.slice(3 * DIM, 4 * DIM);
const row = () => ["--queries", queries, "--row", "3"];

const temporary = mkdtempSync(join(tmpdir(), "midx-test-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

function write(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(temporary, name), bytes);
  return join(temporary, name);
}
const npy = (name: string, values: Float32Array): string =>
  write(name, npyBytes(npyLiteral("<f4", `(${values.length / DIM}, ${DIM})`), bytesOf(values)));

beforeAll(async () => {
  const folder = join(temporary, "words");
  const rows = npy("rows.npy", noise(ROWS * DIM, 31));
  const measured = noise(QUERIES * DIM, 32).map((value) => 3 * value);
  const fitted = npy("measured.npy", measured);
  const labels = write("labels.txt", `${LABELS.join("\n")}\n`);
  const options = ["--labels", labels, "--bits", "4", "--fine-codes", "--queries", fitted, "--calibrate", "quick"];
  await succeed("build", rows, ...options, "--parts", "3", "-o", folder);
  path = join(folder, "manifest.json");
  whole = join(folder, "whole.midx");
  await succeed("build", rows, ...options, "-o", whole);
  queries = npy("asked.npy", asked);
  manifest = await readManifest(folder);
  indexes = await Promise.all(manifest.parts.map(({ file }) => load(readFileSync(join(folder, file as string)))));
  const parts = indexes.map((index, number) => partOf(index, { number }));
  parted = new PartedIndex(parts, { recallCurves: manifest.recallCurves });
});

describe("a manifest answers", () => {
  test("midx predict with all parts, by the labels of all classes; exact answers are those of one index", async () => {
    const json = JSON.parse(await succeed("predict", path, ...row(), "-k", "5", "--seed", "7", "--json"));
    const own = await parted.predict(query, 5, { seed: 7 });
    expect(json.ids).toEqual(Array.from(own.ids));
    expect(json.logPartition).toBe(own.logPartition);
    expect(json.labels).toEqual(Array.from(own.ids, (id) => LABELS[id]));
    const exact = (file: string) => succeed("predict", file, ...row(), "--exact", "--json");
    const [all, one] = [JSON.parse(await exact(path)), JSON.parse(await exact(whole))];
    expect(all.ids).toEqual(one.ids);
    expect(all.labels).toEqual(one.labels);
    expect(all.scores).toEqual(one.scores);
    expect(all.logPartition).toBeCloseTo(one.logPartition, 6);
  });

  test("midx eval with --recall, which reads all rows where the manifest has no recall curves", async () => {
    const folder = join(temporary, "plain");
    const rows = npy("plain.npy", noise(90 * DIM, 31));
    await succeed("build", rows, "--parts", "3", "--calibrate", "off", "-o", folder);
    const recall = ["--queries", queries, "--recall", "0.9"];
    const { evaluation } = JSON.parse(await succeed("eval", join(folder, "manifest.json"), ...recall, "--json"));
    for (const { topK } of evaluation.recall) expect(topK).toBe(1);
    await succeed("eval", path, ...recall, "--limit", "10");
  });

  test("midx sample with and without replacement", async () => {
    const drawn = JSON.parse(await succeed("sample", path, ...row(), "--draws", "40", "--seed", "3", "--json"));
    const own = await parted.sample(query, 40, { seed: 3 });
    expect(drawn.ids).toEqual(Array.from(own.ids));
    expect(drawn.logQ).toEqual(Array.from(own.logQ));
    const distinct = ["--draws", "6", "--distinct", "--seed", "3", "--json"];
    const { ids } = JSON.parse(await succeed("sample", path, ...row(), ...distinct));
    expect(ids).toEqual(Array.from((await parted.sampleTopK(query, 6, { seed: 3 })).ids));
    expect(await succeed("sample", path, ...row(), "--draws", "2")).toContain(`of ${ROWS}`);
  });

  test("midx predict --diversity with the choice of one index, and midx sample --mixture with exact log Q", async () => {
    const diverse = async (file: string) =>
      JSON.parse(await succeed("predict", file, ...row(), "--exact", "--diversity", "0.5", "--json"));
    const [all, one] = [await diverse(path), await diverse(whole)];
    expect([all.ids, all.scores]).toEqual([one.ids, one.scores]);
    const mixed = ["--draws", "20", "--uniform", "0.3", "--seed", "3", "--json"];
    const { ids, logQ } = JSON.parse(await succeed("sample", path, ...row(), ...mixed));
    const own = await parted.sample(query, 20, { seed: 3, mixture: { uniform: 0.3 } });
    expect([ids, logQ]).toEqual([Array.from(own.ids), Array.from(own.logQ)]);
  });

  test("midx decode says where it has read rows in several passes", async () => {
    const argv = [...row(), "--top-p", "0.9", "--certain", "--seed", "3"];
    const { scored } = JSON.parse(await succeed("decode", path, ...argv, "--json"));
    expect(scored).toBeGreaterThan(ROWS);
    expect(await succeed("decode", path, ...argv)).toContain(`${scored} rows in several passes over ${ROWS}`);
  });

  test("midx decode, with the class and the label of one index where bounds decide", async () => {
    const decoded = async (file: string) =>
      JSON.parse(await succeed("decode", file, ...row(), "--min-p", "0.1", "--seed", "3", "--json"));
    const [all, one] = [await decoded(path), await decoded(whole)];
    expect([all.id, all.label, all.kept, all.certain]).toEqual([one.id, one.label, one.kept, true]);
    expect(all.kept, "a choice").toBeGreaterThan(1);
  });
});

describe("midx eval of a manifest", () => {
  const evaluation = async (...options: string[]): Promise<Evaluation> =>
    JSON.parse(await succeed("eval", path, "--queries", queries, "--json", ...options)).evaluation;

  test("finds the recall that the manifest promises, and intervals that cover", async () => {
    const curve = manifest.recallCurves?.find(({ k }) => k === 10);
    expect(curve?.points.length).toBeGreaterThan(2);
    const before: number[] = [0];
    for (const { recall } of curve?.points.slice(0, 2) ?? []) {
      const found = (await evaluation("--recall", String(recall))).recall.find(({ k }) => k === 10)?.topK as number;
      // These are other queries than those that were measured: three standard errors of a mean of so many.
      expect(found).toBeGreaterThan(recall - 3 * Math.sqrt((recall * (1 - recall)) / (10 * QUERIES)));
      expect(found, "more work finds more").toBeGreaterThan(before.at(-1) as number);
      before.push(found);
    }
    const { logPartition } = await evaluation("--scan", EVERY ? "300" : "150");
    expect(logPartition.lowEssShare).toBeLessThan(0.05);
    expect(logPartition.rootMeanSquare, "something is estimated").toBeGreaterThan(0.001);
    // Three standard errors below .95.
    expect(logPartition.coverage).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / QUERIES));
  });

  test("says what it measured, with gates", async () => {
    const text = await succeed("eval", path, "--queries", queries, "--limit", "5", "--min-recall", "0.5");
    expect(text).toMatch(new RegExp(`index +.*manifest\\.json: 3 parts of RQ2x4,.*, ${ROWS} × 8`));
    expect(text).toContain("gate --min-recall passed");
    expect(await fail(4, "eval", path, "--queries", queries, "--limit", "5", "--max-tv", "0")).toContain(
      "gate --max-tv",
    );
  });
});

describe("bad input", () => {
  test("what parts do not answer is refused by name", async () => {
    expect(await fail(2, "predict", path, "--features", "a b")).toContain(
      "'--features' expected an index with features, got parts, which have none",
    );
  });

  test("parts that the machine has no memory for", async () => {
    const files = filesOf(path, manifest);
    const needed = manifest.parts.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    await expect(openParts(files, path, {}, [], needed - 1)).rejects.toThrow(
      /manifest\.json has 3 parts, which take 0\.0 GiB of memory together, and this machine has 0\.0 GiB: ask on a larger/,
    );
    const { index, dispose } = await openParts(files, path, {}, [], needed);
    expect(index.info.memoryBytes).toBeGreaterThanOrEqual(indexes.reduce((sum, { info }) => sum + info.memoryBytes, 0));
    dispose();
    expect(() => index.labels([0])).toThrow();
  });
});

import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { halvesToFloats } from "../../src/bytes/float16.ts";
import { onlyPart } from "../../src/cli/evaluating/table-part.ts";
import { tableWarnings } from "../../src/cli/evaluating/table-warnings.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import { type BuildOptions, build } from "../../src/train/index.ts";
import { halves } from "../fixtures/next-word.ts";
import { EVERY } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral, writeInput } from "./files.ts";
import { jsonLines, midx } from "./run.ts";

const [ITEMS, DIM] = [3000, 4];
const clean = randomRows(ITEMS * DIM, 1);
/** A table with another value at some places. */
const tableWith = (valueAt: (value: number, id: number, d: number) => number): Float32Array =>
  clean.map((value, i) => valueAt(value, Math.floor(i / DIM), i % DIM));

async function warningsOf(data: Float32Array, options: BuildOptions = {}): Promise<string[]> {
  const dim = options.bias ? data.length / options.bias.length : DIM;
  const shape = [data.length / dim, dim] as const;
  const index = await load(await build({ data, shape }, { calibrate: "off", ...options }));
  const warnings = await tableWarnings([onlyPart(index)]);
  index.dispose();
  return warnings;
}

const copied = (count: number) => tableWith((value, id, d) => (id < count ? (clean[d] as number) : value));
const zeros = (count: number) => tableWith((value, id) => (id < count ? 0 : value));
const spread = (power: number) => tableWith((value, id) => value * 10 ** ((power * (id % 100)) / 99));
const column = (size: number) => tableWith((value, _, d) => (d === 2 ? size : value));
const shifted = (size: number) => tableWith((value, _, d) => value + size * (d - 1.5));

/** A table whose norms differ over orders of magnitude, which costs recall. */
function spreadRows(items: number) {
  const dim = 8;
  const parts = [21, 22, 23].map((seed) => randomRows(items, seed));
  const sizes = parts[0]?.map((_, id) => 10 ** (1.5 * parts.reduce((sum, part) => sum + (part[id] as number), 0)));
  const data = randomRows(items * dim, 24).map((value, i) => value * (sizes?.[Math.floor(i / dim)] as number));
  return { items, dim, data };
}

describe("a table that indexes badly", () => {
  test.each([
    ["copies of one row", copied(1000), /^1000 of 3000 rows are the same/],
    ["zero rows", zeros(1000), /^1000 of 3000 rows are zero/],
    ["a column that carries everything", column(20), /^one direction has 99\.\d\d %/],
    ["a mean row that carries everything", shifted(10), /^one direction has 99\.\d\d %/],
  ])("with %s gives one warning", async (_, data, message) => {
    expect(await warningsOf(data)).toEqual([expect.stringMatching(message)]);
  });

  test("counts the copies that are outliers, too", async () => {
    const bias = Float32Array.from({ length: ITEMS }, (_, id) => (id < 200 ? 10 : 0));
    expect(await warningsOf(copied(1000), { bias })).toEqual([
      expect.stringMatching(/^1000 of 3000 rows are the same/),
    ]);
  });

  test.each([
    ["no fault", clean, {}],
    ["fewer copies than fill a head", copied(999), {}],
    ["few zero rows", zeros(299), {}],
    ["norms of one order", spread(1), {}],
    ["norms over orders of magnitude that cost no recall", spread(4), {}],
    ["a column that carries everything but values of 16 bits", column(20), { rowType: "f16" } as const],
    ["a constant column of the size of the others", column(1), {}],
    ["a single row", clean.subarray(0, DIM), {}],
    ["ten rows along one line", column(20).subarray(0, 10 * DIM), {}],
  ])("gives none with %s", async (_, data, options) => {
    expect(await warningsOf(data, options)).toEqual([]);
  });

  test("with norms over orders of magnitude gives one warning, with the recall that it costs", async () => {
    const { items, dim, data } = spreadRows(8000);
    const file = await build({ data, shape: [items, dim] }, { calibrate: "off" });
    const index = await load(file);
    const [warning, ...others] = await tableWarnings([onlyPart(index)]);
    expect(others).toEqual([]);
    const [, stated] = /^norms differ \d+-fold .* recall@10 by default is (0\.\d\d) with 32/.exec(warning ?? "") ?? [];
    let found = 0;
    for (let id = 0; id < items; id += items / 32) {
      const query = index.rows([id]);
      const scores = index.score(
        query,
        Int32Array.from({ length: items }, (_, other) => other),
      );
      const best = Array.from(scores.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
      found += index.topK(query, 10).ids.filter((other) => best.slice(0, 10).includes(other)).length;
    }
    expect(Number(stated)).toBeCloseTo(found / 320, 2);
    index.dispose();
  });

  test("is told at the end of a build and by inspect, and a good one is not", async () => {
    for (const [data, expected] of [
      [zeros(2000), "warning: 2000 of 3000 rows are zero: "],
      [clean, ""],
    ] as const) {
      const table = writeInput("table.npy", npyBytes(npyLiteral("<f4", `(${ITEMS}, ${DIM})`), bytesOf(data)));
      const output = `${makeFolder()}/index.midx`;
      const built = await midx(["build", table, "-o", output, ...few()]);
      expect(built.stderr.slice(0, expected.length || undefined)).toBe(expected);
      expect((await midx(["inspect", output])).stderr).toBe(built.stderr);
      const [facts] = jsonLines((await midx(["inspect", output, "--json"])).stdout);
      expect(facts?.warnings).toHaveLength(expected === "" ? 0 : 1);
    }
  });
});

/** Few queries, so that the quality of a build is soon measured, which no test here looks at. */
const few = () =>
  ["--calibrate", "off", "--queries"].concat(
    writeInput("queries.npy", npyBytes(npyLiteral("<f4", `(4, ${DIM})`), bytesOf(randomRows(4 * DIM, 9)))),
  );

describe("a manifest of parts", () => {
  const built = async (data: Float32Array) => {
    const table = writeInput("table.npy", npyBytes(npyLiteral("<f4", `(${ITEMS}, ${DIM})`), bytesOf(data)));
    const folder = makeFolder();
    const printed: string[] = [];
    for (const argv of [
      ["-o", join(folder, "one.midx")],
      ["-o", join(folder, "parts"), "--parts", "3"],
    ]) {
      const { code, stderr } = await midx(["build", table, ...few(), ...argv]);
      expect(code, stderr).toBe(0);
      printed.push(stderr);
    }
    return { one: join(folder, "one.midx"), manifest: join(folder, "parts/manifest.json"), printed };
  };

  /** `npm test` leaves out those that are told as others are. */
  const TABLES = [
    ["no fault", clean, undefined],
    ["fewer copies than fill a head", copied(999), undefined],
    ["copies of one row, in one part", copied(1000), /^1000 of 3000 rows are the same/],
    [
      "copies of one row, in all parts",
      tableWith((value, id, d) => (id % 3 === 0 ? (clean[d] as number) : value)),
      /^1000 of 3000 rows are the same/,
    ],
    ["zero rows", tableWith((value, id) => (id % 2 === 0 ? 0 : value)), /^1500 of 3000 rows are zero/],
    ["a column that carries everything", column(20), /^one direction has 99\.\d\d %/],
  ] as const;
  test.each(
    TABLES.filter(([name]) => EVERY || !["no fault", "zero rows", "copies of one row, in one part"].includes(name)),
  )("gives the warnings of one file, with the same figures: %s", async (_, data, message) => {
    const { one, manifest, printed } = await built(data);
    const [ofOne, ofParts] = [await midx(["inspect", one]), await midx(["inspect", manifest])];
    expect(ofParts).toMatchObject({ code: 0, stderr: ofOne.stderr });
    expect(printed, "by the builds").toEqual([ofOne.stderr, ofOne.stderr]);
    const [{ warnings } = {}] = jsonLines((await midx(["inspect", manifest, "--json"])).stdout);
    expect(warnings).toEqual(message === undefined ? [] : [expect.stringMatching(message)]);
  });

  test("states the recall of merged answers where norms cost some, with one part open at a time", async () => {
    const { items, dim, data } = spreadRows(8000);
    const bounds = [0, 2666, 5332, items];
    const indexes: MultiIndex[] = [];
    for (const [i, first] of bounds.slice(0, 3).entries()) {
      const rows = data.slice(first * dim, (bounds[i + 1] as number) * dim);
      indexes.push(await load(await build({ data: rows, shape: [rows.length / dim, dim] }, { calibrate: "off" })));
    }
    let [open, opened] = [0, 0];
    const parts = indexes.map((index) => ({
      classes: index.info.itemCount,
      async use<T>(action: (index: MultiIndex) => T | Promise<T>): Promise<T> {
        expect([open++, opened++]).toEqual([0, expect.any(Number)]);
        const result = await action(index);
        open--;
        return result;
      },
    }));
    const [warning = ""] = await tableWarnings(parts);
    expect(opened).toBe(9); // for the rows, and for the exact and the default answers to all queries
    const [, stated] = /^norms differ \d+-fold .* by default is (0\.\d\d) with 32/.exec(warning) ?? [];
    const parted = new PartedIndex(indexes.map((index, number) => partOf(index, { number })));
    let found = 0;
    for (let id = 0; id < items; id += items / 32) {
      const query = data.slice(id * dim, (id + 1) * dim);
      const { ids } = await parted.topK(query, 10, { exact: true });
      found += (await parted.topK(query, 10)).ids.filter((other) => ids.includes(other)).length;
    }
    expect(Number(stated)).toBeCloseTo(found / 320, 1);
    expect(Number(stated)).toBeLessThan(0.97);
  });

  test("is described without its parts, and says that the rows were not looked at", async () => {
    const { manifest } = await built(zeros(1500));
    const alone = join(makeFolder(), "manifest.json");
    copyFileSync(manifest, alone);
    const { code, stdout, stderr } = await midx(["inspect", alone]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("generation")]);
    expect(stderr).toMatch(/^note: the rows were not looked at: .*part-0000-\w+\.midx: there is no such file/);
  });
});

test("the published heads give no warning", async () => {
  const bias = halves("head.safetensors", "bias");
  expect(await warningsOf(halves("head.safetensors", "weight"), { bias })).toEqual([]);
  if (!process.env.MIDX_DATA || !EVERY) return;
  const place = `${process.env.MIDX_DATA}/ptb-lstm-softmax`;
  const of = (name: string): Float32Array => {
    const bytes = gunzipSync(readFileSync(`${place}/${name}.f16.gz`));
    return halvesToFloats(new Uint16Array(Uint8Array.from(bytes).buffer));
  };
  expect(await warningsOf(of("W"), { bias: of("bias") })).toEqual([]);
});

test("midx build warns of values that are too small for f16, in memory and on disk", async () => {
  const tableOf = (size: number) =>
    writeInput(
      "table.npy",
      npyBytes(npyLiteral("<f4", "(300, 8)"), bytesOf(clean.slice(0, 2400).map((x) => size * x))),
    );
  const built = (table: string, ...more: string[]) =>
    midx(["build", table, "--calibrate", "off", "-o", join(makeFolder(), "index.midx"), ...more]);
  for (const more of [[], ["--max-memory", "1000"]]) {
    const small = await built(tableOf(1e-9), "--row-type", "f16", ...more);
    expect(small.code, small.stderr).toBe(0);
    expect(small.stderr).toMatch(/^warning: .* lost 100\.00 % of their norm; scale the rows, or take --row-type f32$/m);
    const json = await built(tableOf(1e-9), "--row-type", "f16", "--json", ...more);
    const [event] = jsonLines(json.stdout).slice(-1);
    expect(event?.warnings).toEqual([expect.stringContaining("too small for f16")]);
  }
  expect((await built(tableOf(1e-3), "--row-type", "f16")).stderr).toBe("");
  expect((await built(tableOf(1e-9))).stderr).toBe("");
});

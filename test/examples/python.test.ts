import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeChanges } from "../../src/changes/index.ts";
import { load } from "../../src/index.ts";
import type { BuildOptions } from "../../src/train/index.ts";
import { makeFolder } from "../cli/files.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";
import {
  asked,
  bias,
  D,
  fileOf,
  labels,
  largestDifference,
  N,
  numpy,
  python,
  queries,
  refusalOf,
  skipped,
} from "./python-reader.ts";

// python-kinds.test.ts has more kinds of files, and of what is none.

describe.skipIf(!numpy)(`the reader in Python${skipped("numpy", numpy)}`, () => {
  test.each<[string, BuildOptions]>([
    ["f32 rows with biases", { rowType: "f32", bits: 4, bias }],
    [
      "i8 rows of unit length in halves, with biases",
      { rowType: "i8", bits: 4, quantizer: "pq", metric: "cosine", bias },
    ],
  ])("has the log Q of the library: %s", async (_, options) => {
    const { path, file } = await fileOf(options);
    expect(await largestDifference(path, file)).toBeLessThan(5e-4); // outliers of i8 rows are scored with a query of 16 bits
  });

  // Masses of the longest queries do not fit f32 side by side.
  test("has the log Q of the library for queries 128 times as long", async () => {
    const { path, file } = await fileOf({ rowType: "f32", bits: 4, bias });
    const longer = queries.map((value) => 128 * value);
    expect(await largestDifference(path, file, longer)).toBeLessThan(5e-4);
  });

  // What rounding leaves of a bucket belongs to its last class, which may have a millionth of it.
  test("has the log Q of the library for biases of very different sizes", async () => {
    const { path, file } = await fileOf({ rowType: "f32", bits: 4, bias: bias.map((value) => 7 * value) });
    expect(await largestDifference(path, file)).toBeLessThan(0.02);
  });

  test("draws by the Q that it states", async () => {
    const { path } = await fileOf({ rowType: "f32", bits: 4 });
    const program = `${asked}index = Index(sys.argv[1])
ids, log_q = index.draw(queries, 40000, np.random.default_rng(7))
exact = index.log_q(queries)
assert np.array_equal(log_q, np.take_along_axis(exact, ids, 1))
print(json.dumps([[np.bincount(row, minlength=${N}).tolist() for row in ids], np.exp(exact).tolist()]))`;
    const [counts, laws] = python(program, path, `[${queries}]`) as [number[][], number[][]];
    for (const [q, law] of laws.entries()) {
      expect(law.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
      const { g, low, high } = goodnessOfFit(counts[q] as number[], law);
      expect(g).toBeGreaterThan(low);
      expect(g).toBeLessThan(high);
    }
  });

  test("refuses another safetensors file", () => {
    const path = join(makeFolder(), "other.safetensors");
    writeFileSync(path, Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{}")]));
    expect(refusalOf(path)).toBe(
      `${path} expected an index file, got another safetensors file: midx build makes an index of its rows`,
    );
  });

  test("refuses a file that is none of safetensors", () => {
    const path = join(makeFolder(), "other.midx");
    writeFileSync(path, '{"items": ["item-17", "item-4"]}\n');
    expect(refusalOf(path)).toBe(`${path} expected an index file, got another one`);
  });

  test("refuses changes of an index", async () => {
    const { file } = await fileOf({ rowType: "i8", bits: 3, labels });
    const path = join(makeFolder(), "classes.midxd");
    writeFileSync(path, encodeChanges(await load(file), { upserts: { labels: ["7"], rows: randomRows(D, 9) } }));
    expect(refusalOf(path)).toBe(
      `${path} expected an index file, got changes of one: midx compact makes an index of both`,
    );
  });
});

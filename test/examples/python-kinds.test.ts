import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeChanges } from "../../src/changes/index.ts";
import { load } from "../../src/index.ts";
import { compact } from "../../src/train/compaction/index.ts";
import type { BuildOptions } from "../../src/train/index.ts";
import { makeFolder } from "../cli/files.ts";
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

// A process of Python for each kind of file. python.test.ts has the two that differ most.

describe.skipIf(!numpy)(`the reader in Python${skipped("numpy", numpy)}`, () => {
  test.each<[string, BuildOptions]>([
    ["f16 rows in halves", { rowType: "f16", bits: 3, quantizer: "pq" }],
    ["i8 rows of unit length", { rowType: "i8", bits: 5, metric: "cosine" }],
    ["columns, labels and residuals", { rowType: "i8", labels, residuals: true }],
  ])("has the log Q of the library: %s", async (_, options) => {
    const { path, file } = await fileOf(options);
    expect(await largestDifference(path, file)).toBeLessThan(5e-4); // outliers of i8 rows are scored with a query of 16 bits
  });

  test("has the log Q of the library for queries 16 times as long", async () => {
    const { path, file } = await fileOf({ rowType: "f32", bits: 4, bias });
    const longer = queries.map((value) => 16 * value);
    expect(await largestDifference(path, file, longer)).toBeLessThan(5e-4);
  });

  test.each(["", "short", "\u0002\0\0\0\0\0\0\0{x"])("refuses a file that is none of safetensors: %j", (text) => {
    const path = join(makeFolder(), "other.midx");
    writeFileSync(path, text);
    expect(refusalOf(path)).toBe(`${path} expected an index file, got another one`);
  });

  test("reads what compaction makes of an index and its changes", async () => {
    const { file } = await fileOf({ rowType: "i8", bits: 3, labels });
    const upserts = { labels: ["new", "7"], rows: randomRows(2 * D, 9) };
    const changes = encodeChanges(await load(file), { upserts, removals: ["8"] });
    const { file: compacted } = await compact(file, changes, { calibrate: "carry" });
    const path = join(makeFolder(), "classes.midx");
    writeFileSync(path, compacted);
    const found = python(`${asked}print(json.dumps(Index(sys.argv[1]).log_q(queries).tolist()))`, path, `[${queries}]`);
    const ids = Int32Array.from({ length: N }, (_, i) => i);
    const logQ = (await load(compacted)).logQ(queries.subarray(0, D), ids, { scan: 0 });
    for (const [id, value] of logQ.entries()) expect((found as number[][])[0]?.[id]).toBeCloseTo(value, 3);
  });
});

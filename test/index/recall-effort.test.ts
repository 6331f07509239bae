import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RecallCurve } from "../../src/format/recall-curve.ts";
import { effortForRecall, hasRecallCurve } from "../../src/index/recall-effort.ts";
import { load } from "../../src/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { float32Of, readRaw, writeRaw } from "../fixtures/index-file.ts";
import { randomRows } from "../train/rows.ts";

const recallCurves: readonly RecallCurve[] = [
  { k: 10, points: [{ scan: 1024, rescore: 20, recall: 0.9 }] },
  {
    k: 100,
    points: [
      { scan: 1024, rescore: 100, recall: 0.8 },
      { scan: 2048, rescore: 200, recall: 0.96 },
    ],
  },
];
const EXACT = { exact: true, scan: 0 };

describe("an index that says what its recall was measured on", () => {
  const info = { recallCurves, recallQueries: "stand-ins", itemCount: 10_000 } as const;

  test("answers by the first point that reaches the recall", () => {
    const effort = { exact: false, scan: 1024, rescore: 20, isMeasured: true };
    expect(effortForRecall(info, 10, 0.9, 65_536)).toEqual(effort);
    expect(effortForRecall(info, 1, 0.5, 65_536)).toEqual(effort);
  });

  test("answers exactly where none does, also where no recall is given", () => {
    expect(effortForRecall(info, 10, 0.91, 65_536)).toEqual(EXACT);
    expect(effortForRecall(info, 10, undefined, 65_536)).toEqual(EXACT);
    expect(effortForRecall(info, 100, 0.97, 65_536)).toEqual(EXACT);
  });

  test("beyond the largest k reads and rescores in proportion, if the index was loaded for it", () => {
    const effort = { exact: false, scan: 6144, rescore: 600, isMeasured: true };
    expect(effortForRecall(info, 300, undefined, 65_536)).toEqual(effort);
    expect(effortForRecall(info, 300, undefined, 600)).toEqual(effort);
    expect(effortForRecall(info, 300, undefined, 599)).toEqual(EXACT);
    expect(effortForRecall(info, 1000, undefined, 65_536)).toMatchObject({ scan: 10_000, rescore: 2000 });
  });
});

describe("an index of format 1, which does not say it, answers as it always has", () => {
  const info = { recallCurves, itemCount: 10_000 };

  test("by its points as they are", () => {
    const effort = { exact: false, scan: 1024, rescore: 20, isMeasured: true };
    expect(effortForRecall(info, 10, 0.9, 65_536)).toEqual(effort);
    expect(effortForRecall(info, 300, undefined, 500)).toEqual({ ...effort, scan: 2048, rescore: 500 });
  });

  test("above them exactly if a recall is given, or else by the default head", () => {
    expect(effortForRecall(info, 10, 0.91, 65_536)).toEqual(EXACT);
    expect(effortForRecall(info, 10, undefined, 65_536)).toEqual({ exact: false, scan: 1024 });
    expect(effortForRecall({ ...info, itemCount: 900 }, 10, undefined, 65_536)).toEqual({ exact: false, scan: 900 });
  });
});

test("a file of format 1.0 keeps its curves: topK takes their points as they are", async () => {
  const raw = readRaw(readFileSync(new URL("../golden/format-1.0/rq-i8-bias-codes.midx", import.meta.url)));
  float32Of(raw, "recallCurves").set([40, 12, 0.875, 0, 45, 20, 0.9375, 0]);
  const index = await load(writeRaw(raw));
  expect(index.info).toMatchObject({ formatVersion: "1.0" });
  expect(index.info).not.toHaveProperty("recallQueries");
  const query = Float32Array.from({ length: index.info.dim }, (_, i) => (i % 5) - 2);
  expect(index.topK(query, 10, { recall: 0.8 })).toEqual(index.topK(query, 10, { scan: 40, rescore: 12 }));
  expect(index.topK(query, 10, { recall: 0.9 })).toEqual(index.topK(query, 10, { scan: 45, rescore: 20 }));
  expect(index.topK(query, 10, { recall: 0.95 })).toEqual(index.topK(query, 10, { exact: true }));
});

test("an index without curves answers exactly where a recall is asked for, and by the default head otherwise", async () => {
  const [count, dim] = [3000, 8];
  const rows = { data: randomRows(count * dim, 3), shape: [count, dim] as [number, number] };
  const index = await load(await buildIndex(rows, { fineCodes: false, calibrate: "off", seed: 1 }));
  const query = randomRows(dim, 4);
  expect(index.topK(query, 10, { recall: 0.5 })).toEqual(index.topK(query, 10, { exact: true }));
  expect(index.topK(query, 10).exact).toBe(false);
});

test("a curve without points is none", () => {
  expect(hasRecallCurve({ recallCurves })).toBe(true);
  expect(hasRecallCurve({ recallCurves: [10, 100].map((k) => ({ k, points: [] })) })).toBe(false);
  expect(hasRecallCurve({ recallCurves: [] })).toBe(false);
});

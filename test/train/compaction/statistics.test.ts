import { beforeAll, expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { realStatistics } from "../../../src/internal.ts";
import { unpackedBands } from "../../../src/train/calibration/query-statistics.ts";
import { compact } from "../../../src/train/compaction/index.ts";
import { BandedDrift } from "../../../worker/telemetry/banded-drift.ts";
import { DIM, fileOf, ITEMS, queriesOfKind } from "../../drift/drift-case.ts";
import { bytesOf, float32Of, readRaw } from "../../fixtures/index-file.ts";
import { randomRows } from "../rows.ts";

/** One class gets another row, one of the head and one of the torso go, and one comes. */
const SET = {
  upserts: { labels: ["item 7", "new"], rows: randomRows(2 * DIM, 5), biases: [0.5, 9] },
  removals: ["item 3", "item 150"],
};

let file: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  file = await fileOf();
});

const statisticsIn = (bytes: Uint8Array): Record<string, string> =>
  Object.fromEntries(Object.entries(readRaw(bytes).metadata).filter(([name]) => name.startsWith("statistics.")));
const bandsIn = (bytes: Uint8Array): Uint8Array => {
  const raw = readRaw(bytes);
  return unpackedBands(bytesOf(raw, "statistics.bands"), Number(raw.metadata.itemCount));
};

test.each(["carry", "quick"] as const)(
  "statistics of real queries are carried over and marked, where no queries are given (%s)",
  async (calibrate) => {
    const { file: compacted, report } = await compact(file, SET, { calibrate });
    expect(report.statistics).toBe("carried");
    expect(statisticsIn(compacted)).toEqual({ ...statisticsIn(file), "statistics.carried": "true" });
    expect(float32Of(readRaw(compacted), "statistics.values")).toEqual(float32Of(readRaw(file), "statistics.values"));
    const [before, after] = [bandsIn(file), bandsIn(compacted)];
    expect(new Set(before)).toEqual(new Set([0, 1, 2]));
    for (let id = 0; id < ITEMS; id++) {
      const now = report.newIds[id] as number;
      if (now >= 0) expect(after[now]).toBe(before[id]);
    }
    // The class that was added has no band, whatever its bias is.
    expect(after[report.newIds[ITEMS] as number]).toBe(255);
    const index = await load(compacted);
    const watch = new BandedDrift({ index, version: "" });
    const { ids, ...answer } = index.predict(queriesOfKind(1, 11), 1);
    watch.observe({ ...answer, ids: Array.from(ids) }, {});
    expect(watch.due).toBe("nothing"); // it compares from the first answer on
    index.dispose();
    const again = await compact(compacted, { removals: ["item 4"] }, { calibrate });
    expect(statisticsIn(again.file)).toEqual(statisticsIn(compacted));
  },
);

test("statistics are measured on the queries of a compaction, as a build measures them", async () => {
  const queries = queriesOfKind(40, 21);
  const { file: compacted, report } = await compact(file, SET, { queries });
  expect(report.statistics).toBe("measured");
  const index = await load(compacted);
  const answers = Array.from({ length: 40 }, (_, i) =>
    index.predict(queries.subarray(i * DIM, (i + 1) * DIM), 1, { seed: 0 }),
  );
  const [count, mean] = new Float32Array(realStatistics(index, "values") as ArrayBuffer);
  expect(count).toBe(40);
  expect(mean).toBeCloseTo(answers.reduce((sum, { logPartition }) => sum + logPartition, 0) / 40, 5);
  const bands = bandsIn(compacted);
  const rows = [0, 1, 2].map((band) => answers.filter(({ ids }) => bands[ids[0] as number] === band).length);
  expect([8, 16, 24].map((at) => float32Of(readRaw(compacted), "statistics.values")[at])).toEqual(rows);
  expect(statisticsIn(compacted)).toMatchObject({ "statistics.source": "queries", "statistics.queryCount": "40" });
  expect(statisticsIn(compacted)).not.toHaveProperty("statistics.carried");
  index.dispose();
});

test("stand-ins are measured anew, and a file without statistics gets them from queries alone", async () => {
  const made = await fileOf({});
  const [measured, carried] = [await compact(made, SET), await compact(made, SET, { calibrate: "carry" })];
  expect([measured.report.statistics, carried.report.statistics]).toEqual(["measured", "carried"]);
  expect(statisticsIn(measured.file)["statistics.source"]).toBe("stand-ins");
  expect(float32Of(readRaw(measured.file), "statistics.values")[0]).toBe(32);
  const off = await fileOf({ calibrate: "off" });
  const [none, asked] = [await compact(off, SET), await compact(off, SET, { queries: queriesOfKind(20, 3) })];
  expect([none.report.statistics, asked.report.statistics]).toEqual(["none", "measured"]);
  expect(readRaw(none.file).metadata.sections).not.toContain("statistics");
  expect(bandsIn(asked.file)).toContain(0); // by the biases of the new classes
});

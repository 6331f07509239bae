import { expect, test } from "vitest";
import { fileDrift } from "../../src/cli/drift/file-drift.ts";
import { type Drifted, reasonOf } from "../../src/cli/drift/found-drift.ts";
import { STATISTICS_BANDS, STATISTICS_FIELDS } from "../../src/format/statistics-values.ts";

const KNOWN = "answers show what those of the build's queries showed";

test("a draw that is worth a little less, by many deviations of a build with few queries, leaves nothing unknown", async () => {
  const values = new Float32Array(STATISTICS_BANDS.length * STATISTICS_FIELDS);
  values.set([48, 20, 3, 0.92, 0.01, 0.9, 0.05], 0);
  const answer = { ids: new Int32Array(1), logPartition: 20, effectiveSampleSize: 88, headShare: 0.9 };
  const index = { info: { dim: 1 }, statistics: { values, bandOf: () => 0 }, predict: () => answer as never };
  const { due, reason, drifts } = await fileDrift(index, new Float32Array(500));
  expect({ due, reason }).toEqual({ due: "nothing", reason: KNOWN });
  expect(drifts.find(({ measure }) => measure === "ess_share")?.error).toBeGreaterThan(0.4);
});

test.each(["log_partition", "head_share"])("an error of %s above 0.2 leaves the drift unknown", (measure) => {
  const drifts: Drifted[] = [{ band: "all", measure, drift: 0.1, error: 0.21 }];
  expect(reasonOf("nothing", drifts)).toContain("more queries are needed");
  expect(reasonOf("nothing", [{ ...drifts[0], error: 0.19 } as Drifted])).toBe(KNOWN);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type ScaleBuildsResult, scaleBuildsTable } from "../../bench/scale-builds/table.ts";
import type { ScaleOutResult } from "../../bench/scale-out/result.ts";
import { latencyTable } from "../../bench/scale-out/table.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("docs/scale-out.md shows the latencies that were measured", () => {
  const result = JSON.parse(read("bench/results/scale-out-latency.json")) as ScaleOutResult;
  expect(read("docs/scale-out.md")).toContain(`<!-- latency -->\n\n${latencyTable(result)}\n\n<!-- /latency -->`);
});

test("docs/build-in-parts.md shows what builds in parts took", () => {
  const result = JSON.parse(read("bench/results/scale-builds.json")) as ScaleBuildsResult;
  expect(read("docs/build-in-parts.md")).toContain(
    `<!-- scale-builds -->\n\n${scaleBuildsTable(result)}\n\n<!-- /scale-builds -->`,
  );
});

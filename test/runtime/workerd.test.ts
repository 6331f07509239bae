import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { startWrangler } from "../../scripts/server/wrangler-dev.ts";
import golden from "../golden/golden.json" with { type: "json" };
import type { BuildingReport } from "./program/building-report.ts";
import { describeBuildingPromises, once } from "./promises.ts";

interface WorkerReport extends BuildingReport {
  /** hashAnswers with the modules that the Worker imports from midx/wasm. */
  readonly ofGivenModules: string;
}

/** The report of the Worker in entries/worker, which wrangler bundles. */
const report = once(async () => {
  const worker = await startWrangler(join(inject("installed"), "worker"));
  try {
    const response = await fetch(`${worker.url}/report`);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as WorkerReport;
  } finally {
    await worker.stop();
  }
});

describeBuildingPromises("workerd", report);

test("a Worker loads with modules that it imports from midx/wasm", async () => {
  expect((await report()).ofGivenModules).toBe(golden.answers);
});

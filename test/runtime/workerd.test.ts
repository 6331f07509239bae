import { join } from "node:path";
import { inject } from "vitest";
import { startWrangler } from "../../scripts/server/wrangler-dev.ts";
import { type BuildingReport, describeBuildingPromises } from "./promises.ts";

describeBuildingPromises("workerd", async () => {
  const worker = await startWrangler(join(inject("installed"), "worker"));
  try {
    const response = await fetch(`${worker.url}/report`);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as BuildingReport;
  } finally {
    await worker.stop();
  }
});

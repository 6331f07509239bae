import { join } from "node:path";
import { inject } from "vitest";
import { startWrangler } from "../../scripts/server/wrangler-dev.ts";
import { describePromises, type EncodingReport } from "./promises.ts";

describePromises("workerd", async () => {
  const worker = await startWrangler(join(inject("installed"), "worker"));
  try {
    const response = await fetch(`${worker.url}/report`);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as EncodingReport;
  } finally {
    await worker.stop();
  }
});

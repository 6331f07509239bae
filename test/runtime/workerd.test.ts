import { join } from "node:path";
import { inject } from "vitest";
import { startWrangler } from "../../scripts/server/wrangler-dev.ts";
import type { Report } from "./program/keep-promises.ts";
import { describePromises } from "./promises.ts";

describePromises("workerd", async () => {
  const worker = await startWrangler(join(inject("installed"), "worker"));
  try {
    const response = await fetch(`${worker.url}/report`);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Report;
  } finally {
    await worker.stop();
  }
});

import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { startWrangler } from "../../scripts/server/wrangler-dev.ts";

const WRANGLER = `name = "bound"
main = "worker.js"
compatibility_date = "2026-10-01"

[vars]
INDEX_KEY = "next-word.midx"

[assets]
directory = "assets"
binding = "ASSETS"
run_worker_first = true

[[ratelimits]]
name = "RATE_LIMIT"
namespace_id = "1001"
simple = { limit = 3, period = 60 }

[[analytics_engine_datasets]]
binding = "EVENTS"
dataset = "midx"
`;

test("the package's Worker takes workerd's own rate limit and Analytics Engine", async () => {
  const folder = mkdtempSync(join(inject("installed"), "bound-"));
  writeFileSync(join(folder, "wrangler.toml"), WRANGLER);
  writeFileSync(join(folder, "worker.js"), 'export { default } from "midx/worker";\n');
  cpSync(join(inject("installed"), "examples/next-word/next-word.midx"), join(folder, "assets/next-word.midx"));
  const worker = await startWrangler(folder);
  try {
    const ask = () =>
      fetch(`${worker.url}/v1/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ vector: new Array(100).fill(0.1) }),
      });
    // The limiter counts by the minutes of the clock, so if a minute ends meanwhile, three more requests are allowed at
    // most.
    const statuses: number[] = [];
    while (statuses.length < 7 && !statuses.includes(429)) statuses.push((await ask()).status);
    expect(statuses.slice(0, 3)).toEqual([200, 200, 200]);
    expect(statuses.at(-1)).toBe(429);
    expect((await fetch(`${worker.url}/next-word.midx`)).status).toBe(404);
  } finally {
    await worker.stop();
  }
});

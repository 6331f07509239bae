import { afterEach, expect, test, vi } from "vitest";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { shop, userOf, valueFrom } from "./shop.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const ROWS = 3;
const DRAWS = 40;

test.each([undefined, Array.from({ length: 40 }, (_, id) => `item ${id}`)])(
  "what the service logs is what another policy's value is estimated from: labels %#",
  async (labels) => {
    const { index } = await shop(1, "rq", labels);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const app = createApp(fixedHost(index, { logDraws: true }));
    const vectors = Array.from({ length: ROWS }, (_, row) => [...userOf(row)]);
    const asked = { vectors, draws: DRAWS, scan: 8, seed: 5, temperature: 2 };
    const response = await app.request("/v1/sample", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(asked),
    });
    const { requestId, results } = (await response.json()) as { requestId: string; results: { ids: number[] }[] };
    const logs = log.mock.calls.map(([line]) => String(line));
    expect(logs).toHaveLength(ROWS);

    const rewards = results.flatMap(({ ids }, row) =>
      [...new Set(ids)].map((id) => JSON.stringify({ requestId, row, id, reward: 1 })),
    );
    const queries = vectors.map((vector, row) => JSON.stringify({ requestId, row, vector }));
    const files = { logs, rewards, queries };
    const itself = await valueFrom(files, index, { policy: "sample", scan: 8, temperature: 2 });
    expect(itself).toMatchObject({ requests: 1, draws: ROWS * DRAWS });
    expect(itself.logged.mean).toBeCloseTo(1, 9);
    expect(itself.ips.mean).toBeCloseTo(1, 5); // the policy that drew has weights of 1
    const softmax = await valueFrom(files, index, { policy: "softmax" });
    expect(softmax.largest.weight).toBeGreaterThan(1.5);
  },
);

import { describe, expect, test } from "vitest";
import { createApp } from "../worker/app.ts";
import { fixedHost } from "../worker/host/fixed-host.ts";
import { described } from "./openapi/service.ts";
import { servedIndex, servedQuery } from "./served-index.ts";

const index = await servedIndex({ itemCount: 3000, fineCodes: true });
const vector = Array.from(servedQuery(1));

const post = (body: object): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", "x-request-id": "an-id" },
  body: JSON.stringify(body),
});

describe("a path under its old name", () => {
  const RENAMED = [
    ["/v1/logz", "/v1/log-partition", {}],
    ["/v1/logprob", "/v1/log-probability", { ids: [3, 5] }],
    ["/v1/sample-top", "/v1/sample-top-k", { k: 4 }],
  ] as const;

  test.each(RENAMED)("%s answers as %s does", async (old, current, fields) => {
    const app = createApp(fixedHost(index));
    for (const body of [
      { vector, seed: 1, ...fields },
      { vectors: [vector, vector], seed: 1, ...fields },
      { vector, k: -1, ...fields, scan: -1 },
    ]) {
      const [before, now] = await Promise.all([old, current].map((path) => app.request(path, post(body))));
      expect(before?.status).toBe(now?.status);
      expect(await before?.json()).toEqual(await now?.json());
    }
  });

  test.each(RENAMED)("%s and %s count under the old name in the metrics", async (old, current, fields) => {
    const app = createApp(fixedHost(index));
    for (const path of [old, current]) await app.request(path, post({ vector, ...fields }));
    const metrics = await (await app.request("/metrics")).text();
    expect(metrics).toContain(`midx_requests_total{route="${old}",status="200"} 2`);
    expect(metrics).toContain(`midx_answers_total{route="${old}"} 2`);
    expect(metrics).not.toContain(`"${current}"`);
  });

  test.each(RENAMED)("%s is deprecated in openapi.json and names %s", (old, current) => {
    expect(described.document.paths[old]?.post).toMatchObject({
      deprecated: true,
      description: `Deprecated: this is the old path of ${current}.`,
    });
    expect(described.document.paths[current]?.post).not.toHaveProperty("deprecated");
  });
});

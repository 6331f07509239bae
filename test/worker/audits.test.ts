import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { type AuditLine, auditLine } from "../../worker/contract/audit-lines.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import type { ServiceOptions } from "../../worker/host/settings.ts";
import { AuditLog, MOST_AUDITS, MOST_CHARACTERS } from "../../worker/telemetry/audit-log.ts";
import { jsonInit, libraryIndex, queryOf } from "./client.ts";

let index: MultiIndex;
const vector = queryOf(8, 1);
const other = queryOf(8, 2);

beforeAll(async () => {
  index = await libraryIndex();
});

/** A service that audits every request. */
function auditing(options: ServiceOptions = {}) {
  const kept: Promise<unknown>[] = [];
  const app = createApp({
    ...fixedHost(index, { auditRate: 1, ...options }),
    keepAlive: (_, work) => kept.push(work),
  });
  const ask = async (path: string, fields: object) => {
    const response = await app.request(path, jsonInit(fields));
    await Promise.all(kept);
    return response.json<Record<string, unknown>>();
  };
  const audits = async (): Promise<AuditLine[]> => {
    const response = await app.request("/v1/audits");
    expect(response.headers.get("content-type")).toBe("application/jsonl");
    const lines = (await response.text()).split("\n");
    expect(lines.pop()).toBe("");
    return lines.map((line) => v.parse(auditLine, JSON.parse(line)));
  };
  return { app, ask, audits };
}

describe("GET /v1/audits", () => {
  it("has a line for each audit, with what the query shows about the error, and without the query", async () => {
    const { ask, audits } = auditing();
    const asked = { scan: 10, draws: 20, seed: 5 };
    const { requestId } = await ask("/v1/predict", { vector, k: 8, temperature: 2, exclude: [3], ...asked });
    const conditions = { temperature: 2, exclude: [3] };
    const estimate = index.predict(vector, 8, { ...asked, ...conditions });
    const exact = index.predict(vector, 8, { exact: true, ...conditions });
    expect(await audits()).toEqual([
      {
        ...{ format: "midx-audit", formatVersion: 1 },
        ...{ contentId: index.info.contentId, estimator: index.info.calibration.estimator },
        ...{ requestId, path: "/v1/predict" },
        ...{ temperature: 2, filtered: true, proposal: "buckets", scan: 10, draws: 20 },
        tailShare: expect.closeTo(1 - estimate.headShare, 12),
        modelError: estimate.modelError,
        standardError: estimate.standardError,
        error: expect.closeTo(estimate.logPartition - exact.logPartition, 12),
        k: 8,
        hits: exact.ids.filter((id) => estimate.ids.includes(id)).length,
      },
    ]);
  });

  it("tells the defaults of calls, and the query of a batch that was audited", async () => {
    const { ask, audits } = auditing({ auditQueries: true });
    await ask("/v1/log-partition", { vectors: [other, vector], scan: 10, seed: 5 });
    const { modelError } = index.predict(other, 0, { scan: 10, seed: 5 });
    const [line] = await audits();
    expect(line).toMatchObject({ temperature: 1, filtered: false, scan: 10, draws: 100, k: 0, hits: 0, modelError });
    expect(line?.query).toEqual(other);
  });

  it("counts no hits of diverse classes, which are not meant to be the best", async () => {
    const { ask, audits } = auditing();
    await ask("/v1/predict", { vector, k: 8, scan: 10, diversity: { lambda: 0.1 } });
    expect(await audits()).toMatchObject([{ k: 0, hits: 0, error: expect.any(Number) }]);
  });

  it("keeps no value of a query unless it is told to", async () => {
    const { app, ask } = auditing();
    const marked = vector.map((_, i) => Math.fround(0.123456789 + i));
    await ask("/v1/predict", { vector: marked, scan: 10 });
    await ask("/v1/log-probability", { vector: marked, ids: [1, 2], scan: 10 });
    const text = await (await app.request("/v1/audits")).text();
    expect(text.split("\n")).toHaveLength(3);
    for (const value of marked) expect(text).not.toContain(String(value));
    expect(text).not.toContain('"query"');
  });

  it("is empty where nothing is audited, and has nothing of answers that are no estimates", async () => {
    const { app, ask, audits } = auditing();
    await ask("/v1/predict", { vector, exact: true });
    await ask("/v1/sample", { vector, draws: 3 });
    expect(await audits()).toEqual([]);
    const never = auditing({ auditRate: 0 });
    await never.ask("/v1/predict", { vector, scan: 10 });
    expect(await never.audits()).toEqual([]);
    expect((await app.request("/v1/audits", { method: "POST" })).status).toBe(405);
  });

  it("wants the token", async () => {
    const tokens = ["0".repeat(64)];
    const { app } = auditing({ tokens });
    expect((await app.request("/v1/audits")).status).toBe(401);
  });
});

it("audits a query of a batch under its own conditions", async () => {
  const { ask, audits } = auditing();
  const asked = { scan: 10, draws: 20, seed: 5 };
  // The first query has no estimate: a head of its classes holds all of them.
  const conditions = [{ allow: [1, 2, 3] }, { temperature: 2, history: [3, 3], frequencyPenalty: 1 }];
  await ask("/v1/predict", { vectors: [vector, other], k: 8, ...asked, conditions });
  const estimate = index.predict(other, 8, { ...asked, ...conditions[1] });
  const exact = index.predict(other, 8, { exact: true, ...conditions[1] });
  expect(estimate.standardError).toBeGreaterThan(0);
  expect(await audits()).toMatchObject([
    {
      ...{ temperature: 2, filtered: true, standardError: estimate.standardError },
      error: expect.closeTo(estimate.logPartition - exact.logPartition, 12),
    },
  ]);
});

describe("the audits that are kept", () => {
  const line = { requestId: "", query: [] as number[] } as unknown as AuditLine;

  it("are the last ones, up to a number", () => {
    const log = new AuditLog();
    for (let i = 0; i < MOST_AUDITS + 10; i++) log.add({ ...line, requestId: String(i) });
    const lines = log.text.trimEnd().split("\n");
    expect(lines).toHaveLength(MOST_AUDITS);
    expect(JSON.parse(lines[0] as string).requestId).toBe("10");
    expect(JSON.parse(lines.at(-1) as string).requestId).toBe(String(MOST_AUDITS + 9));
  });

  it("take a bounded number of characters with their queries", () => {
    const log = new AuditLog();
    const query = Array.from({ length: 4096 }, (_, i) => Math.fround(Math.sin(i)));
    for (let i = 0; i < 200; i++) log.add({ ...line, requestId: String(i), query });
    expect(log.text.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect(log.text.length).toBeGreaterThan(MOST_CHARACTERS / 2);
    expect(JSON.parse(log.text.trimEnd().split("\n").at(-1) as string).requestId).toBe("199");
  });
});

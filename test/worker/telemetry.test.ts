import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { type ServiceBindings, type ServiceOptions, settingsOf } from "../../worker/host/settings.ts";
import { createWorker } from "../../worker/worker.ts";
import { indexFile, jsonInit, libraryIndex, queryOf, sendTo } from "./client.ts";
import { publish } from "./publish.ts";

let index: MultiIndex;
let version: string;
const vector = queryOf(8, 1);
const other = queryOf(8, 2);

beforeAll(async () => {
  index = await libraryIndex();
  version = index.info.contentId.slice(0, 12);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A service that records what it sends, and its work after the response. */
function watched(options: ServiceOptions = {}, bindings: ServiceBindings = {}) {
  const points: { indexes: string[]; blobs: string[]; doubles: number[] }[] = [];
  const kept: Promise<unknown>[] = [];
  const settings = settingsOf(options, {
    events: { writeDataPoint: (point) => points.push(point) },
    ...bindings,
  });
  const app = createApp({
    ...fixedHost(index),
    settings: () => settings,
    keepAlive: (_, work) => kept.push(work),
  });
  const ask = async (path: string, fields: object) => {
    const response = await app.request(path, jsonInit({ vector, ...fields }));
    const answer = await response.json<Record<string, unknown>>();
    await Promise.all(kept);
    return answer;
  };
  const metrics = async () => samplesOf(await (await app.request("/metrics")).text());
  return { app, points, kept, ask, metrics };
}

/** Maps name and labels to the value. Every line must fit the text format, and every sample must have HELP and TYPE lines. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  const helps = new Set<string>();
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.trimEnd().split("\n")) {
    const comment = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name, rest] = comment as unknown as [string, string, string, string];
      if (kind === "TYPE") {
        // promtool refuses a metric whose name ends as that of another type does.
        expect(/_(total|bucket|sum|count)$/.exec(name)?.[1], line).toBe(rest === "counter" ? "total" : undefined);
        types.set(name, rest);
      } else helps.add(name);
      continue;
    }
    const sample = /^(\w+)((?:\{(?:\w+="(?:[^"\\\n]|\\.)*",?)*\})?) (\S+)$/.exec(line);
    expect(sample, line).not.toBeNull();
    const [, name, labels, value] = sample as unknown as [string, string, string, string];
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "");
    expect(helps.has(family) && types.has(family), line).toBe(true);
    expect(samples.has(name + labels), line).toBe(false);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

describe("GET /metrics", () => {
  it("counts requests by route and status, and unknown ones as other", async () => {
    const { app, ask, metrics } = watched();
    await ask("/v1/predict", {});
    await ask("/v1/predict", {});
    await ask("/v1/predict", { k: -1 });
    await app.request("/nothing");
    await app.request("/healthz");
    const samples = await metrics();
    expect(samples.get('midx_requests_total{route="/v1/predict",status="200"}')).toBe(2);
    expect(samples.get('midx_requests_total{route="/v1/predict",status="400"}')).toBe(1);
    expect(samples.get('midx_requests_total{route="other",status="404"}')).toBe(1);
    expect(samples.get('midx_requests_total{route="/healthz",status="200"}')).toBe(1);
    expect(samples.get("midx_requests_in_flight")).toBe(1); // its own
  });

  it("counts requests that a guard refuses under their route", async () => {
    let success = false;
    const { app, metrics } = watched({}, { rateLimiter: { limit: async () => ({ success }) } });
    const status = async (path: string, init?: RequestInit) => (await app.request(path, init)).status;
    expect(await status("/v1/predict", jsonInit({ vector }))).toBe(429);
    expect(await status("/v1/info")).toBe(429);
    expect(await status("/v1/predict")).toBe(429);
    expect(await status("/v1/nothing")).toBe(429);
    success = true;
    const samples = await metrics();
    expect(samples.get('midx_requests_total{route="/v1/predict",status="429"}')).toBe(1);
    expect(samples.get('midx_requests_total{route="/v1/info",status="429"}')).toBe(1);
    expect(samples.get('midx_requests_total{route="other",status="429"}')).toBe(2);
  });

  it("sums over answers what they say of themselves", async () => {
    const { app, ask, metrics } = watched();
    const asked = { scan: 20, draws: 40, seed: 3 };
    const answers = [index.predict(vector, 10, asked), index.predict(other, 10, asked)];
    await app.request("/v1/predict", jsonInit({ vectors: [vector, other], ...asked }));
    const { scored, effectiveSampleSize } = index.sample(vector, 9, { scan: 20, seed: 3 });
    await ask("/v1/sample", { draws: 9, scan: 20, seed: 3 });
    const { scored: topScored } = index.topK(vector, 5);
    await ask("/v1/query", {});
    const samples = await metrics();
    const total = (of: (answer: (typeof answers)[0]) => number) => answers.reduce((sum, answer) => sum + of(answer), 0);
    const route = `route="/v1/predict",version="${version}"`;
    expect(samples.get(`midx_answers_total{${route}}`)).toBe(2);
    expect(samples.get(`midx_classes_scored_total{${route}}`)).toBe(total((answer) => answer.scored));
    expect(samples.get(`midx_low_ess_total{${route}}`)).toBe(total(({ lowEss }) => Number(lowEss)));
    expect(samples.get(`midx_standard_error_sum{${route}}`)).toBeCloseTo(
      total((answer) => answer.standardError),
      12,
    );
    expect(samples.get(`midx_head_share_sum{${route}}`)).toBeCloseTo(
      total((answer) => answer.headShare),
      12,
    );
    expect(samples.get(`midx_effective_sample_size_count{${route}}`)).toBe(2);
    for (const le of [0.001, 0.01, 0.1, 1]) {
      const below = answers.filter(({ standardError }) => standardError <= le).length;
      expect(samples.get(`midx_standard_error_bucket{${route},le="${le}"}`), `${le}`).toBe(below);
    }
    expect(samples.get(`midx_standard_error_bucket{${route},le="+Inf"}`)).toBe(2);
    expect(samples.get(`midx_classes_scored_total{route="/v1/sample",version="${version}"}`)).toBe(scored);
    expect(samples.get(`midx_effective_sample_size_sum{route="/v1/sample",version="${version}"}`)).toBeCloseTo(
      effectiveSampleSize,
      9,
    );
    expect(samples.get(`midx_classes_scored_total{route="/v1/query",version="${version}"}`)).toBe(topScored);
  });

  it("says how many classes decode kept, and what decided it", async () => {
    const { ask, metrics } = watched();
    const answers = [index.decode(vector, { minP: 0.3 }), index.decode(vector, {})];
    await ask("/v1/decode", { min_p: 0.3 });
    await ask("/v1/decode", {});
    await ask("/v1/predict", {});
    const samples = await metrics();
    const kept = answers.reduce((sum, answer) => sum + answer.kept, 0);
    expect(samples.get(`midx_decode_kept_classes_sum{route="/v1/decode",version="${version}"}`)).toBe(kept);
    expect(samples.get(`midx_decode_kept_classes_count{route="/v1/decode",version="${version}"}`)).toBe(2);
    expect(samples.get(`midx_decode_decided_total{route="/v1/decode",version="${version}",by="bounds"}`)).toBe(1);
    expect(samples.get(`midx_decode_decided_total{route="/v1/decode",version="${version}",by="exact"}`)).toBe(1);
    expect([...samples.keys()].filter((key) => /^midx_decode.*predict/.test(key))).toEqual([]);
  });

  it("counts an error that can't be told above all bounds", async () => {
    const { ask, metrics } = watched();
    await ask("/v1/predict", { scan: 0, draws: 0 });
    const samples = await metrics();
    expect(samples.get(`midx_standard_error_bucket{route="/v1/predict",version="${version}",le="1"}`)).toBe(0);
    expect(samples.get(`midx_standard_error_bucket{route="/v1/predict",version="${version}",le="+Inf"}`)).toBe(1);
    expect(samples.get(`midx_standard_error_sum{route="/v1/predict",version="${version}"}`)).toBe(0);
    expect(samples.get(`midx_low_ess_total{route="/v1/predict",version="${version}"}`)).toBe(1);
  });

  it("names the index, and where it came from", async () => {
    const { metrics } = watched();
    const samples = await metrics();
    expect(samples.get(`midx_index_info{version="${version}",content_id="${index.info.contentId}"}`)).toBe(1);
    expect(samples.get(`midx_index_classes{version="${version}"}`)).toBe(index.info.itemCount);
    expect(samples.get(`midx_index_memory_bytes{version="${version}"}`)).toBe(index.info.memoryBytes);
    expect(samples.get('midx_refreshes_total{result="swapped"}')).toBe(0);
    expect(samples.get("midx_degraded")).toBe(0);
  });

  it("loads no index", async () => {
    const worker = createWorker();
    const samples = samplesOf(await (await sendTo(worker, "/metrics")).text());
    expect([...samples.keys()].filter((name) => name.startsWith("midx_index_"))).toEqual([]);
    expect(samples.get("midx_degraded")).toBe(0);
  });

  it("shows a log-partition that drifts from the first 1,000 answers, in their deviations", async () => {
    const { app, metrics } = watched();
    const name = `midx_log_partition_drift{version="${version}"}`;
    const vectors = Array.from({ length: 100 }, (_, i) => queryOf(8, i));
    const batch = (fields: object = {}) =>
      app.request("/v1/log-partition", jsonInit({ vectors, scan: 300, draws: 0, seed: 1, ...fields }));
    for (let i = 0; i < 9; i++) await batch();
    expect((await metrics()).has(name)).toBe(false);
    await batch({ temperature: 9 }); // another distribution: not counted
    expect((await metrics()).has(name)).toBe(false);
    await batch();
    expect((await metrics()).get(name)).toBe(0);
    for (let i = 0; i < 10; i++) await batch();
    expect(Math.abs((await metrics()).get(name) as number)).toBeLessThan(0.05);
    const large = vectors.map((one) => one.map((value) => 4 * value));
    for (let i = 0; i < 30; i++)
      await app.request("/v1/log-partition", jsonInit({ vectors: large, scan: 300, draws: 0 }));
    const partitions = (of: number[][]) => of.map((one) => index.logPartition(one, { exact: true }).logPartition);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
    const [before, after] = [partitions(vectors), partitions(large)];
    const deviation = Math.sqrt(mean(before.map((value) => (value - mean(before)) ** 2)));
    const moved = (mean(after) - mean(before)) / deviation;
    expect(((await metrics()).get(name) as number) / moved).toBeCloseTo(0.95, 1);
  });
});

describe("the audit", () => {
  it("computes an estimate again exactly, after its answer, and records what it was off by", async () => {
    const { ask, metrics, points, kept } = watched({ auditRate: 1 });
    const options = { scan: 10, draws: 20, seed: 5, exclude: [3], temperature: 0.5 };
    const asked = { k: 8, ...options };
    const estimate = index.predict(vector, 8, options);
    const exact = index.predict(vector, 8, { exact: true, exclude: [3], temperature: 0.5 });
    expect(estimate.logPartition).not.toBe(exact.logPartition);
    await ask("/v1/predict", asked);
    expect(kept).toHaveLength(1);
    const samples = await metrics();
    const error = estimate.logPartition - exact.logPartition;
    const route = `route="/v1/predict",version="${version}"`;
    expect(samples.get(`midx_audit_signed_error{${route}}`)).toBeCloseTo(error, 12);
    expect(samples.get(`midx_audit_error_squares_total{${route}}`)).toBeCloseTo(error ** 2, 12);
    expect(samples.get(`midx_audit_reported_squares_total{${route}}`)).toBeCloseTo(estimate.standardError ** 2, 12);
    const outside = Math.abs(error) > 1.96 * estimate.standardError;
    expect(samples.get(`midx_audit_outside_total{${route}}`)).toBe(Number(outside));
    expect(samples.get(`midx_audit_absolute_error_count{${route}}`)).toBe(1);
    const found = Array.from(exact.ids).filter((id) => estimate.ids.includes(id)).length;
    expect(samples.get(`midx_audit_recall_sum{${route}}`)).toBeCloseTo(found / 8, 12);
    expect(points.at(-1)).toMatchObject({
      indexes: [version],
      blobs: ["audit", "/v1/predict", expect.any(String), version],
    });
    expect(points.at(-1)?.doubles).toEqual([error, estimate.standardError, found / 8]);
  });

  it("looks at the query of a batch that is an estimate, and has no recall where no classes were asked for", async () => {
    const { app, metrics, kept } = watched({ auditRate: 1 });
    const asked = { scan: 10, draws: 20, seed: 5 };
    await app.request("/v1/log-partition", jsonInit({ vectors: [vector, other], ...asked }));
    await Promise.all(kept);
    const samples = await metrics();
    const error = index.predict(vector, 0, asked).logPartition - index.predict(vector, 0, { exact: true }).logPartition;
    expect(samples.get(`midx_audit_signed_error{route="/v1/log-partition",version="${version}"}`)).toBeCloseTo(
      error,
      6,
    );
    expect(samples.get(`midx_audit_recall_count{route="/v1/log-partition",version="${version}"}`)).toBe(0);
  });

  it("leaves alone what is exact, what is no estimate, and what costs more than a request may", async () => {
    const { ask, kept } = watched({ auditRate: 1 });
    await ask("/v1/predict", { exact: true });
    await ask("/v1/predict", { scan: 1000 });
    await ask("/v1/sample", { draws: 5 });
    await ask("/v1/query", {});
    expect(kept).toHaveLength(0);
    const tight = watched({ auditRate: 1, maxWork: 1100 });
    await tight.ask("/v1/predict", { k: 0, scan: 8, draws: 2 });
    expect(tight.kept).toHaveLength(1);
    expect((await tight.metrics()).has(`midx_audit_outside_total{route="/v1/predict",version="${version}"}`)).toBe(
      false,
    );
  });

  it("takes the share of requests that it is told to", async () => {
    const { ask, kept } = watched({ auditRate: 0.25 });
    const chance = vi.spyOn(Math, "random");
    for (const value of [0.1, 0.24, 0.25, 0.9]) {
      chance.mockReturnValue(value);
      await ask("/v1/predict", { scan: 10 });
    }
    expect(kept).toHaveLength(2);
    const never = watched();
    await never.ask("/v1/predict", { scan: 10 });
    expect(never.kept).toHaveLength(0);
  });

  it("changes no answer that comes after it", async () => {
    const asked = { scan: 10, draws: 20, seed: 5 };
    const [audited, plain] = [watched({ auditRate: 1 }), watched()];
    await audited.ask("/v1/predict", { ...asked, temperature: 2 });
    const { requestId: _, ...first } = await audited.ask("/v1/predict", asked);
    const { requestId: __, ...second } = await plain.ask("/v1/predict", asked);
    expect(first).toEqual(second);
  });
});

describe("events", () => {
  it("are one a request, with the means of its answers", async () => {
    const { app, points } = watched();
    const asked = { scan: 20, draws: 40, seed: 3 };
    const answers = [index.predict(vector, 10, asked), index.predict(other, 10, asked)];
    await app.request("/v1/predict", jsonInit({ vectors: [vector, other], ...asked }));
    const mean = (of: (answer: (typeof answers)[0]) => number) =>
      answers.reduce((sum, answer) => sum + of(answer) / 2, 0);
    expect(points).toHaveLength(1);
    expect(points[0]?.indexes).toEqual([version]);
    expect(points[0]?.blobs).toEqual(["answer", "/v1/predict", expect.any(String), version]);
    const expected = [
      2,
      2 * mean(({ scored }) => scored),
      mean(({ effectiveSampleSize }) => effectiveSampleSize),
      mean(({ standardError }) => standardError),
      mean(({ headShare }) => headShare),
      mean(({ logPartition }) => logPartition),
      2 * mean(({ lowEss }) => Number(lowEss)),
    ];
    for (const [i, value] of expected.entries()) expect(points[0]?.doubles[i]).toBeCloseTo(value, 9);
  });

  it("have finite numbers only", async () => {
    const { ask, points } = watched({ auditRate: 1 });
    await ask("/v1/log-partition", { allow: [] });
    await ask("/v1/predict", { scan: 0, draws: 0 });
    await ask("/v1/query", {});
    await ask("/v1/predict", { scan: 0, draws: 1, seed: 1 }); // one draw tells nothing about its error
    expect(points.filter(({ blobs: [kind] }) => kind === "answer")).toHaveLength(4);
    expect(points.some(({ blobs: [kind] }) => kind === "audit")).toBe(true);
    for (const { doubles } of points) expect(doubles.every(Number.isFinite)).toBe(true);
  });

  it("tell of every look for a newer index, and why it failed", async () => {
    const put = (key: string, value: Uint8Array | string) => env.INDEX.put(key, value);
    const writeDataPoint = vi.fn();
    const key = "events/current.json";
    const vars = { INDEX_SOURCE: "r2", INDEX_KEY: key, REFRESH_SECONDS: "0.001", EVENTS: { writeDataPoint } };
    await publish(put, key, await indexFile(), "one");
    const worker = createWorker();
    const look = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await sendTo(worker, "/readyz", vars);
      return writeDataPoint.mock.lastCall?.[0];
    };
    await sendTo(worker, "/readyz", vars);
    expect(await look()).toEqual({ indexes: ["one"], blobs: ["refresh", "unchanged", "", "one"], doubles: [] });
    await publish(put, key, await indexFile(), "two");
    expect(await look()).toEqual({ indexes: ["two"], blobs: ["refresh", "swapped", "", "two"], doubles: [] });
    await put(key, "{");
    expect(await look()).toEqual({
      indexes: ["two"],
      blobs: ["refresh", "failed", "index_invalid", "two"],
      doubles: [],
    });
    const samples = samplesOf(await (await sendTo(worker, "/metrics", vars)).text());
    expect(samples.get('midx_refreshes_total{result="swapped"}')).toBe(1);
    expect(samples.get('midx_refreshes_total{result="failed"}')).toBe(1);
    expect(samples.get("midx_degraded")).toBe(1);
  });
});

describe("logged draws", () => {
  it("are a line of JSON an answer, with their log Q, and without the vector", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const { app } = watched({ logDraws: true });
    const asked = { draws: 6, scan: 20, seed: "18446744073709551615", temperature: 2 };
    const response = await app.request("/v1/sample", jsonInit({ vectors: [vector, other], ...asked }));
    const { requestId, results } = await response.json<{
      requestId: string;
      results: { ids: number[]; logQ: number[] }[];
    }>();
    expect(log).toHaveBeenCalledTimes(2);
    for (const [row, { ids, logQ }] of results.entries()) {
      expect(JSON.parse(log.mock.calls[row]?.[0])).toEqual({
        event: "draws",
        requestId,
        version,
        row,
        seed: "18446744073709551615",
        proposal: "buckets",
        scan: 20,
        temperature: 2,
        ids,
        logQ,
      });
    }
  });

  it("have the default head if the request sets none", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await watched({ logDraws: true }).ask("/v1/sample", { draws: 2 });
    expect(JSON.parse(log.mock.calls[0]?.[0])).toMatchObject({ proposal: "buckets", scan: 1024, temperature: 1 });
  });

  it("are those that have a log Q, and only when they are asked for", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const { ask } = watched({ logDraws: true });
    await ask("/v1/sample", { draws: 3, exact: true });
    await ask("/v1/predict", {});
    await watched().ask("/v1/sample", { draws: 3 });
    expect(log).not.toHaveBeenCalled();
  });
});

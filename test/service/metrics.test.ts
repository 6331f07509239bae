import { expect, test } from "vitest";
import type { Served } from "../../worker/host/host.ts";
import type { AnsweredRequest } from "../../worker/telemetry/answered.ts";
import { Metrics } from "../../worker/telemetry/metrics.ts";

const drift = { observe: () => undefined } as never;
const answered = (version: string, path = "/v1/predict"): AnsweredRequest => ({
  ...{ path, served: { version } as Served, queries: new Float32Array(1), conditions: {}, options: {} },
  answers: [{ scored: 10, standardError: 0.1 }],
});
const audit = { error: 0.1, standardError: 0.1 } as never;
const ofDecode = { ...{ kept: 3, keptByAll: 2 }, error: 0.1, standardError: 0.1 } as never;
const keys = (counts: ReadonlyMap<string, unknown>): string[] => [...counts.keys()].sort();

test("metrics keep the versions that answered last, however many a service has", () => {
  const metrics = new Metrics(() => drift);
  for (let version = 0; version < 1000; version++) {
    metrics.answered(answered(`v${version}`));
    metrics.answered(answered(`v${version}`, "/v1/sample"));
    metrics.audited(answered(`v${version}`), audit);
    metrics.audited(answered(`v${version}`, "/v1/decode"), ofDecode);
    metrics.answered(answered("pinned"));
  }
  const kept = ["pinned", "v997", "v998", "v999"];
  const routes = kept.map((version) => `/v1/predict ${version}`);
  expect(keys(metrics.audits)).toEqual(routes.slice(1));
  expect(keys(metrics.auditedNuclei)).toEqual(kept.slice(1).map((version) => `more ${version}`));
  expect(keys(metrics.routes)).toEqual([...routes, ...kept.slice(1).map((version) => `/v1/sample ${version}`)]);
  expect(keys(metrics.drifts)).toEqual(["pinned", "v999"]);
  expect(metrics.routes.get("/v1/predict pinned")?.answers).toBe(1000);
});

test("an audited answer without an error bar counts in neither sum of squares", () => {
  const metrics = new Metrics(() => drift);
  metrics.answered(answered("one"));
  metrics.audited(answered("one"), audit);
  metrics.audited(answered("one"), { error: 5, standardError: Number.POSITIVE_INFINITY } as never);
  const { errorSquares, reportedSquares, error, absoluteError, outside } = metrics.audits.get("/v1/predict one") ?? {};
  expect(errorSquares).toBeCloseTo(0.01, 12);
  expect(reportedSquares).toBeCloseTo(0.01, 12);
  expect({ error, count: absoluteError?.count, outside }).toEqual({ error: 5.1, count: 2, outside: 0 });
});

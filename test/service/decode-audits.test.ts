import * as v from "valibot";
import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { type DecodeAuditLine, decodeAuditLine } from "../../worker/contract/audit-lines.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import type { ServiceOptions } from "../../worker/host/settings.ts";
import { SERVED_DIM, servedIndex, servedQuery } from "../fixtures/served-index.ts";

/** So many classes that a nucleus is not taken of all rows at once. */
const CLASSES = 24_000;
let index: MultiIndex;
beforeAll(async () => {
  index = await servedIndex({ itemCount: CLASSES });
});

interface Answer {
  readonly id: number;
  readonly logprob: number;
  readonly kept: number;
  readonly decided: string;
  readonly undecided: number;
  readonly standard_error: number;
}

/** A service that audits every request. */
function auditing(options: ServiceOptions = {}) {
  const kept: Promise<unknown>[] = [];
  const app = createApp({
    ...fixedHost(index, { auditRate: 1, ...options }),
    keepAlive: (_, work) => kept.push(work),
  });
  const ask = async (fields: object): Promise<unknown> => {
    const body = JSON.stringify(fields);
    const headers = { "content-type": "application/json" };
    const response = await app.request("/v1/decode", { method: "POST", headers, body });
    expect(response.status, await response.clone().text()).toBe(200);
    await Promise.all(kept);
    return response.json();
  };
  const textOf = async (path: string): Promise<string> => (await app.request(path)).text();
  const audits = async (): Promise<DecodeAuditLine[]> =>
    (await textOf("/v1/audits"))
      .split("\n")
      .filter(Boolean)
      .map((line) => v.parse(decodeAuditLine, JSON.parse(line)));
  return { ask, audits, metrics: () => textOf("/metrics") };
}

/** The true nucleus of a query, from all scores in float64. */
function nucleusOf(query: Float32Array, temperature: number, topP: number) {
  const scores = index.score(
    query,
    Int32Array.from({ length: CLASSES }, (_, id) => id),
  );
  const order = Array.from(scores.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  const mass = (id: number): number => Math.exp((scores[id] as number) / temperature);
  const all = order.reduce((sum, id) => sum + mass(id), 0);
  let [count, kept] = [0, 0];
  while (kept < topP * all) kept += mass(order[count++] as number);
  return { count, logProbability: (id: number): number => Math.log(mass(id) / kept) };
}

// Any nucleus passes for decided, so that all of these answers are by the estimate.
const HASTY = { top_p: 0.7, temperature: 0.5, target_error: 1e9 };

describe("the audit of a decode", () => {
  test("says how many classes the truncations keep, and how far off the log-probability was", async () => {
    const { ask, audits, metrics } = auditing();
    const counts = new Map<string, number>();
    const expected: unknown[] = [];
    for (let seed = 1; seed <= 12; seed++) {
      const query = servedQuery(seed);
      const temperature = [0.1, 0.15, 0.2, 0.3, 0.5, 1][seed % 6] as number;
      const fields = { ...HASTY, temperature, seed, logprobs: 2 };
      const answer = (await ask({ vector: Array.from(query), ...fields })) as Answer;
      expect(answer.decided).toBe("estimate");
      const { count, logProbability } = nucleusOf(query, temperature, HASTY.top_p);
      const sort = answer.kept === count ? "right" : answer.kept > count ? "more" : "fewer";
      counts.set(sort, (counts.get(sort) ?? 0) + 1);
      expected.push({
        ...{ format: "midx-decode-audit", formatVersion: 1, path: "/v1/decode" },
        ...{ contentId: index.info.contentId, estimator: index.info.calibration.estimator },
        ...{ requestId: expect.any(String), temperature, filtered: false },
        ...{ standardError: answer.standard_error, kept: answer.kept, keptByAll: count, undecided: answer.undecided },
        error: expect.closeTo(answer.logprob - logProbability(answer.id), 4),
      });
    }
    expect(await audits()).toEqual(expected);
    expect([...counts.keys()].sort()).toEqual(["fewer", "more", "right"]);
    const text = await metrics();
    const version = index.info.contentId.slice(0, 12);
    for (const [kept, count] of counts) {
      expect(text).toContain(`midx_audit_decode_total{kept="${kept}",version="${version}"} ${count}\n`);
    }
    expect(text).not.toContain("midx_audit_absolute_error_count{");
  });

  test("is of the query of a batch that the estimate has decided, under its own conditions", async () => {
    const { ask, audits } = auditing({ auditQueries: true });
    const vectors = [servedQuery(1), servedQuery(2)].map((query) => Array.from(query));
    const conditions = [{ temperature: 0 }, { temperature: 0.5, exclude: [7] }];
    const { results } = (await ask({ vectors, top_p: 0.7, target_error: 1e9, conditions, seed: 3 })) as {
      results: Answer[];
    };
    expect(results.map(({ decided }) => decided)).toEqual(["bounds", "estimate"]);
    const exact = index.decode(servedQuery(2), { topP: 0.7, temperature: 0.5, exclude: [7], certain: true });
    const expected = { kept: results[1]?.kept, keptByAll: exact.kept, filtered: true, temperature: 0.5 };
    expect(await audits()).toMatchObject([{ ...expected, query: vectors[1] }]);
  });

  test("keeps no query unless it is told to, and leaves alone what is certain", async () => {
    const { ask, audits } = auditing();
    const vector = Array.from(servedQuery(1));
    await ask({ vector, top_p: 0.7, certain: true });
    await ask({ vector, min_p: 0.1 });
    await ask({ vector });
    expect(await audits()).toEqual([]);
    await ask({ vector, ...HASTY });
    expect(await audits()).toMatchObject([{ kept: expect.any(Number) }]);
    expect((await audits())[0]).not.toHaveProperty("query");
  });

  test("takes no more work than a request may", async () => {
    const maxWork = 1_350_000;
    const wide = {
      vector: Array.from({ length: SERVED_DIM }, () => 0),
      top_p: 0.7,
      temperature: 50,
      target_error: 1e9,
    };
    const exact = index.decode(new Float32Array(SERVED_DIM), { topP: 0.7, temperature: 50, certain: true });
    expect(exact.kept * 240).toBeGreaterThan(maxWork);
    const tight = auditing({ maxWork: 3 * maxWork });
    await tight.ask(wide);
    expect(await tight.audits()).toEqual([]);
    const roomy = auditing();
    await roomy.ask(wide);
    expect(await roomy.audits()).toHaveLength(1);
  });
});

import fc from "fast-check";
import type { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { EVERY } from "../run/size.ts";
import { type AnyBody, anyRequest } from "./any-request.ts";
import { bodyOf, bounded, coded, described, json, labelled, plain, post, queryOf, raw, sorted } from "./service.ts";

/** A list of `length` ids, or null for a negative length. */
const ones = (length: number): number[] | null => (length < 0 ? null : Array(length).fill(1));

/** The place of a class in a request. */
const CLASS = String.raw`(conditions\[\d+\]\.)?((ids|exclude|allow|allowed_token_ids|history|bias\.ids)\[\d+\]|logit_bias\..+)`;

/** Reasons why the Worker refuses a field that the document accepts. Each depends on the index, which a schema does not know. */
const BEYOND_SCHEMAS = {
  "vectors have as many values as the index has dimensions": /^"vector(s\[\d+\])?" expected 4 values, got /,
  "ids are below the number of classes": new RegExp(`^"${CLASS}" expected an integer from 0 to \\d+.*, got [\\d.e+]+$`),
  "labels are for indexes that have some": new RegExp(`^"${CLASS}" expected an integer from 0 to \\d+, got string$`),
  "labels are those of the index": new RegExp(
    `^"${CLASS}" expected a label of the index, got an unknown string(: correct it, or skip unknown labels)?$`,
  ),
  "features are for indexes with a table of them":
    /^"(bags\[\d+\]\.)?features" expected an index built with "features"/,
  "features are those of the index":
    /^"(bags\[\d+\]\.)?features\[\d+\]" expected an integer in 0\.\.11 or the name of a/,
  "features have a position each": /^"(bags\[\d+\]\.)?features" expected at most 2, one per position/,
  "weights are as many as features": /^"(bags\[\d+\]\.)?weights" expected \d values, one per feature/,
  "vectorId is an id of the index": /^"vectorId" expected an id of the index, got an unknown string$/,
  "proposals by codes are for indexes with fine codes": /^"proposal" expected an index built with "fineCodes"/,
  "filters are about columns of the index, and its namespaces": /^"(conditions\[\d+\]\.)?(filter\.|namespace")/,
  "bitmaps are base64 of a bit for each class":
    /^"(conditions\[\d+\]\.)?(allow|allowed_token_ids)\.bitmap" expected (base64|\d+ bytes)/,
  "biases have a number for each class": /^"(conditions\[\d+\]\.)?bias\.values" expected \d values, one for each of/,
  "biases have every class once": /^"(conditions\[\d+\]\.)?(bias\.ids|logit_bias)\[\d\]" expected every class once/,
  "penalties of a query are about its history": /^"conditions\[\d+\]\.\w+" expected "history" beside it/,
  "conditions are as many as queries, of which there are several":
    /^"conditions" expected (a batch of queries beside it, got one query|\d of them, one for each query, got \d)$/,
  "steps come once, and those that are given": /^"order"(\[\d\] expected .*, each of them once,| expected "\w+" in it)/,
  "doubt is about a top_p that comes first": /^"target_error" expected "top_p" as the first truncation, got "\w+"/,
  "a class is left to decode":
    /^"allowed_token_ids", "exclude", "filter", "namespace" and "logit_bias" expected to leave a class/,
  "pools have room for the answer": /^"diversity.pool" expected at least \d+ \(k\), got \d+$/,
  "shares of a mixture sum to at most 1":
    /^"mixture.popularity.share" expected at most [\d.e-]+ beside uniform: [\d.e-]+, got /,
  "the classes of a slate differ":
    /^"ids\[\d+\]" expected a class that is not in the slate yet, got \d+ as in \[\d+\]$/,
  "heads of an index that can't be scanned whole have a limit":
    /^"scan" expected at most \d+, got \d+: a service takes no more/,
};

const vector = [1, 0, 0, 0];
const [LABELLED, PLAIN, CODED, BOUNDED] = [0, 1, 2, 3];
/** A request for each reason that few random ones meet, with the index that it is for. */
const RARE: [[path: string, body: AnyBody & Record<string, unknown>], index: number][] = [
  [["/v1/sample", { vector, draws: 1, mixture: { uniform: 0.6, popularity: { share: 0.6 } } }], PLAIN],
  [["/v1/predict", { vectors: [vector, vector], conditions: [{ presencePenalty: 1 }, {}] }], PLAIN],
  [["/v1/predict", { vector, k: 20, diversity: { lambda: 0.5, pool: 5 } }], PLAIN],
  [["/v1/decode", { vector, top_k: 5, order: ["top_p"] }], PLAIN],
  [["/v1/decode", { vector, min_p: 0.1, top_p: 0.9, target_error: 0.1 }], PLAIN],
  [["/v1/decode", { vector, allowed_token_ids: [] }], PLAIN],
  [["/v1/decode", { vector, order: ["temperature", "temperature"] }], PLAIN],
  [["/v1/predict", { vector, bias: { ids: [1, 2], values: [1] } }], PLAIN],
  [["/v1/predict", { vector, bias: { ids: [1, 1], values: [1, 2] } }], PLAIN],
  [["/v1/predict", { features: ["feature 99"] }], CODED],
  [["/v1/predict", { vector, scan: 64 }], BOUNDED],
  [["/v1/slate-log-probability", { vector, ids: [1, 1] }], PLAIN],
  [["/v1/predict", { vector, exclude: ["word 99"] }], LABELLED],
  [["/v1/predict", { vector, exclude: [9999] }], LABELLED],
  [["/v1/predict", { vector, proposal: "codes" }], PLAIN],
  [["/v1/predict", { vector, allow: { bitmap: "AA==" } }], LABELLED],
];

describe("requests are taken as openapi.json says", () => {
  test("what the Worker takes, and what it refuses, but for what depends on the index", async () => {
    const apps = [labelled, plain, coded, bounded, sorted].map((index) => createApp(fixedHost(index)));
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(anyRequest(), fc.nat(apps.length - 1), async ([path, body], which) => {
        const sent = JSON.stringify(body);
        const response = await (apps[which] as Hono).request(path, post(sent));
        const faults = described.faultsOfRequest(`post ${path}`, JSON.parse(sent));
        if (response.status === 200) {
          count("taken");
          expect(faults).toEqual([]);
          return;
        }
        expect(response.status).toBe(400);
        if (faults.length > 0) return count("refused by both");
        const detail = detailOf(await response.json());
        const reason = Object.entries(BEYOND_SCHEMAS).find(([, pattern]) => pattern.test(detail));
        expect(reason?.[0], detail).toBeDefined();
        count(reason?.[0] as string);
      }),
      { numRuns: EVERY ? 10_000 : 1500, seed: 12, examples: RARE },
    );
    expect([...seen.keys()].sort()).toEqual(["refused by both", "taken", ...Object.keys(BEYOND_SCHEMAS)].sort());
    expect(seen.get("taken")).toBeGreaterThan(300);
    expect(seen.get("refused by both")).toBeGreaterThan(300);
  });

  test.each([
    ["/v1/predict", (k: number) => ({ k }), 0, 1000],
    ["/v1/predict", (draws: number) => ({ draws }), 0, 4096],
    ["/v1/predict", (scan: number) => ({ scan }), 0, 2 ** 31 - 1],
    ["/v1/predict", (length: number) => ({ exclude: ones(length) }), 0, 10_000],
    ["/v1/predict", (length: number) => ({ allow: ones(length) }), 0, 10_000],
    ["/v1/log-probability", (length: number) => ({ ids: ones(length) }), 0, 10_000],
    ["/v1/predict", (seed: number) => ({ seed }), -(2 ** 53) + 1, 2 ** 53 - 1],
    ["/v1/predict", (digits: number) => ({ seed: "7".repeat(digits) }), 1, 40],
    ["/v1/query", (topK: number) => ({ topK }), 0, 1000],
  ])("up to the same limits: %s %s", async (path, fields, least, most) => {
    const app = createApp(fixedHost(plain, { maxWork: 1e12 }));
    for (const [value, status] of [
      [least - 1, 400],
      [least, 200],
      [most, 200],
      [most + 1, 400],
    ] as const) {
      const body = bodyOf(fields(value), 1);
      expect((await app.request(path, json(body))).status, String(value)).toBe(status);
      expect(described.faultsOfRequest(`post ${path}`, body), String(value)).toHaveLength(status === 200 ? 0 : 1);
    }
  });

  const GENERAL = [
    { bias: { ids: [1], values: ["-Infinity"] }, temperature: 0.5 },
    { history: [1], presencePenalty: 1 },
  ];
  const OF_DECODE = [
    { logit_bias: { 3: "-Infinity" }, temperature: 0 },
    { history: [1], repetition_penalty: 1.1 },
  ];
  test.each<[path: string, right: object[], wrong: object[]]>([
    ["/v1/predict", GENERAL, OF_DECODE],
    ["/v1/decode", OF_DECODE, GENERAL],
  ])("with conditions of each query under the names of %s", async (path, right, wrong) => {
    const app = createApp(fixedHost(labelled));
    const accepted = bodyOf({ conditions: right }, 2);
    expect((await app.request(path, json(accepted))).status).toBe(200);
    expect(described.faultsOfRequest(`post ${path}`, accepted)).toEqual([]);
    for (const [i, own] of wrong.entries()) {
      const refused = bodyOf({ conditions: right.with(i, own) }, 2);
      expect((await app.request(path, json(refused))).status).toBe(400);
      expect(described.faultsOfRequest(`post ${path}`, refused)).not.toEqual([]);
    }
  });

  test("up to the same number of queries", async () => {
    const app = createApp(fixedHost(plain, { maxWork: 1e12 }));
    for (const [count, status] of [
      [2, 200],
      [100, 200],
      [101, 400],
    ] as const) {
      const body = bodyOf({}, count);
      expect((await app.request("/v1/predict", json(body))).status).toBe(status);
      expect(described.faultsOfRequest("post /v1/predict", body)).toHaveLength(status === 200 ? 0 : 1);
    }
  });

  test("in the query string beside bytes too", async () => {
    const app = createApp(fixedHost(labelled));
    let [taken, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(anyRequest(), async ([path, { vector: _, vectors: __, ...fields }]) => {
        fc.pre(path !== "/v1/query");
        const response = await app.request(`${path}?${queryOf(fields)}`, raw(1));
        const sent = Object.entries(JSON.parse(JSON.stringify(fields)) as object);
        const faults = sent.flatMap(([name, value]) =>
          described.faultsOfParameter(
            `post ${path}`,
            name,
            name === "seed" && typeof value !== "string" ? JSON.stringify(value) : value,
          ),
        );
        if (response.status === 200) {
          taken++;
          expect(faults).toEqual([]);
        } else if (faults.length > 0) refused++;
      }),
      { numRuns: EVERY ? 1500 : 320, seed: 6 },
    );
    expect(taken).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });
});

function detailOf(answer: { detail?: string; errors?: readonly { message: string }[] }): string {
  return answer.detail ?? answer.errors?.[0]?.message.replace(/ \(\w+\)$/, "") ?? "";
}

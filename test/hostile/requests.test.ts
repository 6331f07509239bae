import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { noise } from "../cli/noise.ts";
import { WHOLE } from "../run/size.ts";

const REQUESTS = WHOLE ? 20_000 : 1200;
const [ITEM_COUNT, DIM] = [60, 4];
/** A value that stands in every vector. No answer may repeat it. */
const MARK = 0.123456789;

let index: MultiIndex;
beforeAll(async () => {
  const labels = Array.from({ length: ITEM_COUNT }, (_, id) => `label ${id}`);
  const matrix = { data: noise(ITEM_COUNT * DIM, 1), shape: [ITEM_COUNT, DIM] } as const;
  index = await load(await build(matrix, { bits: 2, seed: 1, labels, fineCodes: true, calibrate: "off" }), {
    maxBatch: 100,
  });
});

const INDEXES = "/client/v4/accounts/a/vectorize/v2/indexes";
const PATHS = [
  ...[
    "predict",
    "sample",
    "sample-top-k",
    "log-partition",
    "log-probability",
    "slate-log-probability",
    "decode",
    "query",
    "info",
  ].map((name) => `/v1/${name}`),
  ...["query", "get_by_ids", "list"].map((name) => `${INDEXES}/i/${name}`),
];
const FIELDS = [
  ...["k", "topK", "draws", "proposal", "scan", "rescore", "seed", "exact", "temperature", "exclude", "allow", "ids"],
  ...["vectorId", "returnValues", "bias", "history", "conditions", "presencePenalty"],
  ...["logit_bias", "top_p", "min_p", "top_k", "order", "logprobs", "presence_penalty"],
  ...["diversity", "mixture"],
];

/** Values of fields, valid for some of them. */
const value = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 70 }), weight: 5 },
    fc.constantFrom(
      -1,
      0.5,
      4097,
      2 ** 31,
      2 ** 53,
      -(2 ** 63),
      1e300,
      "auto",
      "NaN",
      "18446744073709551616",
      true,
      null,
    ),
    fc.array(fc.oneof(fc.integer({ min: -1, max: 61 }), fc.constantFrom("label 3", "label 60", ""))),
    fc.jsonValue(),
  );
const fields = fc.dictionary(fc.oneof({ arbitrary: fc.constantFrom(...FIELDS), weight: 9 }, fc.string()), value(), {
  maxKeys: 4,
  noNullPrototype: true,
});
const number = fc.oneof({ arbitrary: fc.float({ min: -3, max: 3, noNaN: true }), weight: 20 }, fc.jsonValue());
const vector = fc.oneof(
  { arbitrary: fc.constant([MARK, 1, 0.5, -1] as unknown[]), weight: 4 },
  fc.array(number, { minLength: DIM - 1, maxLength: DIM + 1 }).map((values): unknown[] => [MARK, ...values.slice(1)]),
);
const queries = fc.oneof(
  { arbitrary: fc.record({ vector }), weight: 3 },
  fc.record({ vectors: fc.array(vector, { maxLength: 4 }) }),
  fc.constant({}),
);
const json = fc
  .tuple(queries, fields)
  .map(([asked, rest]) => ({ type: "application/json", query: "", body: JSON.stringify({ ...asked, ...rest }) }));
const raw = fc.tuple(fc.array(fc.float(), { maxLength: 3 * DIM }), fields).map(([values, rest]) => ({
  type: "application/x-midx-f32",
  query: `?${new URLSearchParams(Object.entries(rest).map(([name, field]) => [name, JSON.stringify(field) ?? ""]))}`,
  body: new Uint8Array(Float32Array.from(values).buffer),
}));
const garbage = fc.record({
  type: fc.oneof(
    fc.constantFrom("application/json", "application/x-midx-f32", "text/plain", ""),
    fc.string({ unit: "grapheme-ascii" }),
  ),
  query: fc.webQueryParameters().map((text) => `?${text}`),
  body: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json(), fc.string()),
});
const request = fc.record({
  method: fc.oneof(
    { arbitrary: fc.constant("POST"), weight: 12 },
    fc.constantFrom("GET", "PUT", "DELETE", "OPTIONS", "HEAD"),
  ),
  path: fc.oneof({ arbitrary: fc.constantFrom(...PATHS), weight: 12 }, fc.webPath()),
  sent: fc.oneof({ arbitrary: json, weight: 4 }, { arbitrary: raw, weight: 2 }, garbage),
});

test(`${REQUESTS} requests of all sorts are answered without one 5xx, stack or vector, errors by their code and request`, async () => {
  const failures = vi.spyOn(console, "error").mockImplementation(() => {});
  const app = createApp(fixedHost(index));
  const statuses = new Map<number, number>();
  const codes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, sent: { type, query, body } }) => {
      const hasBody = method !== "GET" && method !== "HEAD";
      const init = {
        method,
        headers: { "content-type": type.replace(/[^\x20-\x7e]/g, "") },
        ...(hasBody && { body: body as BodyInit }),
      };
      const response = await app.request(path + query, init);
      const { status } = response;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect(status).toBeLessThan(500);
      const text = await response.text();
      expect(text).not.toContain(String(MARK));
      expect(text).not.toMatch(/\.ts:|\.js:|node_modules/);
      expect(text.length).toBeLessThan(200_000);
      if (status < 400 || method === "HEAD") return;
      expect(response.headers.get("x-request-id")).toBeTruthy();
      const said = JSON.parse(text);
      if (/^\/(v1\/query|client)/.test(path))
        expect(said).toMatchObject({ success: false, errors: [{ code: expect.any(Number) }] });
      else expect(said).toMatchObject({ status, code: expect.any(String), requestId: expect.any(String) });
      codes.add(said.code ?? "in an envelope");
    }),
    { numRuns: REQUESTS, seed: 11 },
  );
  expect(failures).not.toHaveBeenCalled();
  expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 40);
  for (const code of ["invalid_json", "invalid_field", "unsupported_media_type", "method_not_allowed", "not_found"]) {
    expect(codes).toContain(code);
  }
});

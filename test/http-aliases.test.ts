import { describe, expect, onTestFinished, test, vi } from "vitest";
import { wireDeclarations } from "../scripts/contract/declarations.ts";
import { createApp } from "../worker/app.ts";
import { createClient, type PredictOptions } from "../worker/client.ts";
import { fixedHost } from "../worker/host/fixed-host.ts";
import { F32_TYPE } from "../worker/request/body.ts";
import { described } from "./openapi/service.ts";
import { servedIndex, servedQuery } from "./served-index.ts";

const index = await servedIndex({ itemCount: 3000, fineCodes: true });
const without = await servedIndex({ itemCount: 3000 });
const bounded = await servedIndex({ itemCount: 60, fineCodes: true, maxScan: 16 });
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

const ENDPOINTS = [
  ["/v1/predict", { k: 4 }],
  ["/v1/sample", { draws: 6 }],
  ["/v1/log-partition", {}],
  ["/v1/log-probability", { ids: [3, 5] }],
] as const;

describe("the field rescore", () => {
  const answerTo = async (app: ReturnType<typeof createApp>, path: string, init: RequestInit) => {
    const response = await app.request(path, init);
    return { status: response.status, body: await response.json() };
  };

  test.each(ENDPOINTS)('at %s means proposal: "codes" with scan', async (path, fields) => {
    const app = createApp(fixedHost(index));
    for (const query of [{ vector }, { vectors: [vector, vector] }]) {
      const request = { ...query, ...fields, seed: 1 };
      const old = await answerTo(app, path, post({ ...request, rescore: 40 }));
      expect(old.status).toBe(200);
      expect(old).toEqual(await answerTo(app, path, post({ ...request, proposal: "codes", scan: 40 })));
      expect(old).not.toEqual(await answerTo(app, path, post({ ...request, scan: 40 })));
    }
  });

  test.each(ENDPOINTS)(
    "at %s goes into the query string beside raw vectors, like its new names",
    async (path, fields) => {
      const app = createApp(fixedHost(index));
      const search = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}&`);
      const headers = { "content-type": F32_TYPE, "x-request-id": "an-id" };
      const raw = { method: "POST", headers, body: Float32Array.from(vector) };
      const answers = await Promise.all(
        ["rescore=40", "proposal=codes&scan=40", 'proposal="codes"&scan=40'].map((head) =>
          answerTo(app, `${path}?${search.join("")}seed=1&${head}`, raw),
        ),
      );
      const json = await answerTo(app, path, post({ vector, ...fields, seed: 1, rescore: 40 }));
      expect(answers).toEqual([json, json, json]);
      expect(json.status).toBe(200);
    },
  );

  test.each(ENDPOINTS)("at %s counts for MAX_WORK as its new names do", async (path, fields) => {
    const app = createApp(fixedHost(index, { maxWork: 1 }));
    const refused = await answerTo(app, path, post({ vector, ...fields, rescore: 40 }));
    expect(refused).toMatchObject({ status: 400, body: { code: "too_much_work" } });
    expect(refused).toEqual(await answerTo(app, path, post({ vector, ...fields, proposal: "codes", scan: 40 })));
  });

  test.each([
    [{ proposal: "codes" }, '"rescore" expected no "proposal" beside it, got proposal: "codes"; leave one of them out'],
    [
      { proposal: "buckets" },
      '"rescore" expected no "proposal" beside it, got proposal: "buckets"; leave one of them out',
    ],
    [{ scan: 8 }, '"rescore" expected no "scan" beside it, got scan: 8; leave one of them out'],
    [{ scan: "auto" }, '"rescore" expected no "scan" beside it, got scan: "auto"; leave one of them out'],
    [{ exact: true }, '"exact" expected no "rescore" beside it, got rescore: 40; leave one of them out'],
    [{ targetError: 0.1 }, '"targetError" expected scan: "auto" beside it, got rescore: 40'],
    [{ rescore: -1 }, '"rescore" expected an integer from 0 to 2147483647, got -1'],
  ])("is refused under its own name beside %j", async (fields, detail) => {
    const response = await answerTo(
      createApp(fixedHost(index)),
      "/v1/predict",
      post({ vector, rescore: 40, ...fields }),
    );
    expect(response).toMatchObject({ status: 400, body: { code: "invalid_field", detail } });
    expect(described.faultsOfRequest("post /v1/predict", { vector, rescore: 40, ...fields })).not.toEqual([]);
  });

  test("is refused under its own name where the index does not allow it, as the new names are under theirs", async () => {
    const detailOf = async (served: typeof index, fields: object) =>
      (await answerTo(createApp(fixedHost(served)), "/v1/predict", post({ vector, ...fields }))).body.detail;
    const [codes, limit] = [
      'expected an index built with "fineCodes" (--fine-codes)',
      "expected at most 16 (maxScan), got 40",
    ];
    expect(await detailOf(without, { rescore: 40 })).toBe(`"rescore" ${codes} for "codes", got one without`);
    expect(await detailOf(without, { proposal: "codes", scan: 40 })).toBe(
      `"proposal" ${codes} for "codes", got one without`,
    );
    expect(await detailOf(bounded, { rescore: 40 })).toContain(`"rescore" ${limit}`);
    expect(await detailOf(bounded, { proposal: "codes", scan: 40 })).toContain(`"scan" ${limit}`);
  });

  test("is deprecated in openapi.json, and the client refuses it", async () => {
    const { schemas } = described.document.components;
    for (const name of ["PredictRequest", "SampleRequest", "LogPartitionRequest", "LogProbabilityRequest"]) {
      expect(schemas[name]?.properties?.rescore).toHaveProperty("deprecated", true);
      expect(schemas[name]?.properties?.proposal).not.toHaveProperty("deprecated");
    }
    const midx = createClient("https://midx.test", { fetch: async () => Response.json({}) });
    await expect(midx.predict(vector, { rescore: 40 } as PredictOptions)).rejects.toThrow(
      '"rescore" was renamed: pass proposal: "codes" with scan',
    );
  });
});

describe("the log of draws", () => {
  test("has rescore beside the scan of a proposal by codes, and only there", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    const app = createApp(fixedHost(index, { logDraws: true }));
    for (const fields of [{ rescore: 40 }, { proposal: "codes", scan: 40 }, { scan: 40 }, {}]) {
      await app.request("/v1/sample", post({ vector, draws: 2, ...fields }));
    }
    const heads = log.mock.calls.map(([line]) => {
      const { proposal, scan, rescore } = JSON.parse(line);
      return { proposal, scan, rescore };
    });
    expect(heads).toEqual([
      { proposal: "codes", scan: 40, rescore: 40 },
      { proposal: "codes", scan: 40, rescore: 40 },
      { proposal: "buckets", scan: 40 },
      { proposal: "buckets", scan: 1024 },
    ]);
  });
});

describe("answers under old names", () => {
  test("choice has rescore beside proposal, and expectedErrorAtFirst", async () => {
    const codes = {
      proposal: "codes",
      scan: 4096,
      draws: 100,
      exact: false,
      headShare: 0.5,
      expectedError: 0.01,
    } as const;
    const buckets = { ...codes, proposal: "buckets", scan: 1024 } as const;
    for (const [choice, old] of [
      [codes, { rescore: 4096 }],
      [buckets, {}],
    ] as const) {
      const measured = { ...choice, expectedErrorAtDefault: 0.2 };
      const logPartition = () => [{ ...index.logPartition(servedQuery(1)), choice: measured }];
      const served = Object.create(index, { logPartition: { value: logPartition }, info: { value: index.info } });
      const response = await createApp(fixedHost(served)).request("/v1/log-partition", post({ vector, scan: "auto" }));
      expect(await described.faultsOfAnswer("post /v1/log-partition", response.clone())).toEqual([]);
      expect(((await response.json()) as { choice: object }).choice).toEqual({
        ...measured,
        ...old,
        expectedErrorAtFirst: 0.2,
      });
    }
  });

  test("info has rows beside rowType", async () => {
    const info = await (await createApp(fixedHost(index)).request("/v1/info")).json();
    expect(info).toMatchObject({ rowType: index.info.rowType, rows: index.info.rowType });
  });

  test("are deprecated in openapi.json and in the declarations of the client", () => {
    const document = JSON.stringify(described.document);
    for (const [name, description] of [
      ["rescore", 'with proposal "codes", the same as scan'],
      ["expectedErrorAtFirst", "the same as expectedErrorAtDefault"],
      ["rows", "the same as rowType"],
    ] as const) {
      const text = JSON.stringify({ description: `Deprecated: ${description}.`, deprecated: true }).slice(1);
      expect(document).toContain(text);
      expect(wireDeclarations()).toMatch(
        new RegExp(`/\\*\\* @deprecated ${description}\\. \\*/\\s+readonly ${name}\\??:`),
      );
    }
  });
});

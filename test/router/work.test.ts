import type { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import { localPart } from "../../src/cli/hosting/local-parts.ts";
import { openParts } from "../../src/cli/hosting/open-parts.ts";
import { partsInTurn } from "../../src/cli/hosting/parts-in-turn.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { encodeQuestion, type Question } from "../../src/parts/index.ts";
import type { ManifestPart } from "../../src/publication/manifest.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { settingsOf } from "../../worker/host/settings.ts";
import { joinMessages } from "../../worker/parts/frames.ts";
import { decodeWork } from "../../worker/request/decode-work.ts";
import { predictWork, type Sizes, scanWork, topWork } from "../../worker/request/work.ts";
import type { PartHost, RoutedParts } from "../../worker/router/part-hosts.ts";
import { MetricsByPart } from "../../worker/router/part-metrics.ts";
import { routerSettingsOf } from "../../worker/router/router-settings.ts";
import { createRouterService } from "../../worker/router-service.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, type PartedFiles, partedFiles, queryOf } from "./parted-files.ts";

const SIZES = [60, 90, 50];
const vector = Array.from(queryOf(1));
const shelf = new ManifestShelf();
let files: PartedFiles;
let infos: MultiIndex["info"][];

beforeAll(async () => {
  files = await partedFiles({ version: "a", seed: 5, sizes: SIZES, hasLabels: true });
  shelf.publish(files);
  const indexes = await Promise.all(files.files.map((file) => load(file, { maxK: 1000 })));
  infos = indexes.map(({ info }) => info);
});

const apps: Readonly<Record<string, (maxWork: number) => Promise<Hono>>> = {
  "a router with all parts in its process": async (maxWork) =>
    createRouterService({
      ...{ publisher: () => shelf, settings: () => settingsOf({ maxWork }), address: () => "someone" },
      keepAlive: (_, work) => void work.catch(() => undefined),
      sourcesOf: (published, grouped) => grouped.map((parts) => localPart(published, parts[0] as ManifestPart)),
      ...{ router: routerSettingsOf({}), metrics: new MetricsByPart(), partsInTurn },
    }),
  "parts with changes in one process": async (maxWork) => {
    const { manifest } = files;
    const openPart = async ({ number }: ManifestPart) => files.files[number] as Uint8Array<ArrayBuffer>;
    const { index } = await openParts(load)({ manifest, openPart }, { maxK: 1000 }, undefined as never, 10);
    return createApp(fixedHost(index as unknown as MultiIndex, { maxWork }));
  },
};

/** The work that an application says a request needs. */
async function neededBy(app: Hono, path: string, body: object): Promise<number> {
  const { answer } = await ask(app, path, body);
  return Number(/needs? (\d+)/.exec(answer.detail ?? answer.errors?.[0]?.message)?.[1]);
}

const sum = (workOf: (info: MultiIndex["info"], share: number) => number): number =>
  infos.reduce((all, info) => all + workOf(info, info.itemCount / 200), 0);
const INDEX = "/client/v4/accounts/a/vectorize/v2/indexes/i";

describe.each(Object.entries(apps))("the work of a request to %s", (_, appWith) => {
  test("is that of all parts, which share the head", async () => {
    const app = await appWith(1);
    const needed = (path: string, body: object) => neededBy(app, path, body);
    const effort = { draws: 30, exact: false };
    expect(await needed("/v1/predict", { vector, k: 5, scan: 100, draws: 30 })).toBe(
      sum((info, share) => predictWork(info, { ...effort, scan: 100 * share }, 5)),
    );
    // So few classes are all read where the first answer is flagged: every other, where files do not say how often.
    expect(infos.map(({ calibration: { flagged } }) => flagged)).toEqual([undefined, undefined, undefined]);
    const first = sum((info, share) => predictWork(info, { exact: false, scan: Math.ceil(1024 * share) }, 5));
    expect(await needed("/v1/predict", { vector, k: 5 })).toBe(first + sum(scanWork) / 2);
    const exact = sum((info) => predictWork(info, { exact: true }, 5));
    expect(await needed("/v1/predict", { vectors: [vector, vector], k: 5, exact: true })).toBe(2 * exact);
    expect(await needed(`${INDEX}/query`, { vector, topK: 5 })).toBe(sum((info) => topWork(info, 5)));
    expect(await needed("/v1/query", { vector, topK: 5 })).toBe(sum((info) => topWork(info, 5)));
    expect((await ask(await appWith(exact), "/v1/predict", { vector, k: 5, exact: true })).status).toBe(200);
    expect((await ask(await appWith(exact - 1), "/v1/predict", { vector, k: 5, exact: true })).status).toBe(400);
  });

  test("leaves each part a share of the classes that it may rank", async () => {
    const needed = sum((info) => decodeWork(info, { topP: 0.9999 }, {}));
    const app = await appWith(needed + 3 * 240 * 4);
    const { status, answer } = await ask(app, "/v1/decode", { vector, top_p: 0.9999, temperature: 1 });
    expect([status, answer.detail]).toEqual([400, expect.stringMatching(/^a query has to rank \d+ .* allows 4:/)]);
  });
});

test("a part alone has the work of an index, which may try twice", () => {
  const [info] = infos as [MultiIndex["info"]];
  const workOf = (own: Sizes, effort: object) => predictWork(own, { exact: false, ...effort }, 5);
  expect(partsInTurn([info]).work({}, workOf)).toBe(predictWork(info, { exact: false }, 5));
});

test("parts of many classes may be asked again, with four times the head and the draws, and then for all rows", () => {
  const [info] = infos as [MultiIndex["info"]];
  const large = { ...info, itemCount: 50_000, calibration: { ...info.calibration, flagged: 0.25 } };
  const workOf = (own: Sizes, effort: object) => predictWork(own, { exact: false, ...effort }, 0);
  const one = (scan: number, draws: number) => predictWork(large, { exact: false, scan, draws }, 0);
  const all = predictWork(large, { exact: true }, 0);
  const parts = partsInTurn([large, large]);
  expect(parts.work({}, workOf)).toBe(2 * Math.ceil(one(512, 100) + Math.ceil(one(2048, 400) + all / 4) / 4));
  expect(parts.work({ draws: 10 }, workOf)).toBe(2 * Math.ceil(one(512, 10) + Math.ceil(one(2048, 40) + all / 4) / 4));
  expect(parts.work({ scan: 100 }, workOf)).toBe(2 * one(50, 100));
});

test("the work of a request to parts elsewhere is that of the largest", async () => {
  const hosts = SIZES.map((_, number) => hostOf(partHost(shelf, number)));
  const { app } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[0]], { maxWork: 1 });
  const largest = infos[1] as MultiIndex["info"];
  const body = { vector, k: 5, scan: 100, draws: 30 };
  expect(await neededBy(app, "/v1/predict", body)).toBe(
    predictWork(largest, { scan: 100, draws: 30, exact: false }, 5),
  );
  expect(await neededBy(app, "/v1/query", { vector, topK: 5 })).toBe(topWork(largest, 5));
});

describe("a router of routers", () => {
  const coded = new ManifestShelf();
  const hosts = SIZES.map((_, number) => hostOf(partHost(coded, number)));
  const flat = (maxWork: number) =>
    router(coded, ({ numbers: [number = 0] }) => [hosts[number] as PartHost], { maxWork });
  /** The first router below has a host for every part, and answers for two of them. */
  const nested = (maxWork: number) => {
    const lower = hostOf(flat(maxWork).app);
    const groups = ({ numbers }: RoutedParts) => [numbers.length > 1 ? lower : (hosts[2] as PartHost)];
    return router(coded, groups, { groups: [2, 1], maxWork });
  };

  beforeAll(async () => {
    coded.publish(await partedFiles({ version: "b", seed: 6, sizes: SIZES, hasFineCodes: true }));
  });

  test("has the facts of all parts once, as a router of these parts has them", async () => {
    const infoOf = async ({ app }: ReturnType<typeof router>) => (await app.request("/v1/info")).json();
    expect(await infoOf(nested(1))).toEqual(await infoOf(flat(1)));
  });

  test("needs the work of the largest part, too, because the parts of the routers work at the same time", async () => {
    for (const [path, fields] of [
      ["/v1/predict", { k: 5, exact: true }],
      ["/v1/query", { topK: 5 }],
    ] as const) {
      const needed = await neededBy(flat(1).app, path, { vector, ...fields });
      expect(await neededBy(nested(1).app, path, { vector, ...fields })).toBe(needed);
      expect((await ask(nested(needed).app, path, { vector, ...fields })).status).toBe(200);
    }
  });
});

describe("questions of another router", () => {
  const questions = (count: number, fields: Partial<Question>): Uint8Array<ArrayBuffer> =>
    joinMessages(
      Array.from({ length: count }, () =>
        encodeQuestion({
          ...{ call: "predict", query: queryOf(1), size: 3, ids: new Int32Array(0), options: {} },
          ...fields,
        }),
      ),
    );
  const answered = async (app: Hono, body: Uint8Array<ArrayBuffer>) => {
    const headers = {
      ...{ "x-midx-generation": files.manifest.generation, "x-midx-parts": "0,1,2", "x-midx-deadline-ms": "60000" },
      "content-type": "application/x-midx-messages",
    };
    const response = await app.request("/v1/partial", { method: "POST", headers, body });
    return { status: response.status, text: await response.text() };
  };

  test.each<Partial<Question>>([
    { options: { exact: true } },
    { call: "topK", options: { exact: true } },
    { call: "topK", options: {} },
    { call: "logPartition", options: { tolerance: 0.01 } },
    { call: "logProbability", ids: Int32Array.of(1, 150), options: {} },
    { call: "sample", options: { seed: 1n } },
    { call: "sampleTopK", options: { seed: 1n, exact: true } },
    { call: "slateLogProbability", ids: Int32Array.of(1, 150), options: {} },
    { call: "score", ids: Int32Array.of(1, 150), options: {} },
    { call: "decode", options: { minP: 0.1, maxRanked: 200 } },
    { options: { allow: { bitmap: new Uint8Array(25).fill(255) } } },
  ])("count as work: %o", async (fields) => {
    const app = await (apps["a router with all parts in its process"] as (maxWork: number) => Promise<Hono>)(1);
    const { status, text } = await answered(app, questions(2, fields));
    expect([status, JSON.parse(text).code]).toEqual([400, "too_much_work"]);
    const needed = Number(/needs (\d+)/.exec(text)?.[1]);
    const enough = await (apps["a router with all parts in its process"] as (maxWork: number) => Promise<Hono>)(needed);
    expect((await answered(enough, questions(2, fields))).status).toBe(200);
    expect((await answered(enough, questions(100, fields))).status).toBe(400);
  });

  test("need no more than the request that they divide", async () => {
    const app = await (apps["a router with all parts in its process"] as (maxWork: number) => Promise<Hono>)(1);
    for (const [path, body, fields] of [
      ["/v1/predict", { k: 3, exact: true }, { options: { exact: true } }],
      ["/v1/predict", { k: 3 }, {}],
      ["/v1/log-partition", {}, { call: "logPartition", size: 0 }],
    ] as const) {
      const whole = await neededBy(app, path, { ...body, vector });
      const { text } = await answered(app, questions(1, fields as Partial<Question>));
      expect(Number(/needs (\d+)/.exec(text)?.[1]), path).toBeLessThanOrEqual(whole);
    }
  });
});

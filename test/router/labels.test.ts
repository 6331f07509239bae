import type { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import { decodeAnswer, encodeAnswer, type PartialAnswer } from "../../src/parts/index.ts";
import { settingsOf } from "../../worker/host/settings.ts";
import { joinMessages, splitMessages } from "../../worker/parts/frames.ts";
import { createService } from "../../worker/service.ts";
import { damaged, describing, FaultyHost, killed } from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, type PartedFiles, partedFiles, queryOf, wholeIndex } from "./parted-files.ts";

const SIZES = [120, 1, 80, 99];
const shelf = new ManifestShelf();
let files: PartedFiles;
let whole: MultiIndex;
let one: Hono;
let hosts: FaultyHost[];
let flat: Hono;
let nested: Hono;

/** A service of one index of all rows. */
const serviceOf = ({ manifest, whole: file }: PartedFiles): Hono =>
  createService(load, {
    publisher: () => ({
      look: async () => ({
        ...{ tag: "one", version: manifest.version, contract: undefined, facts: undefined },
        ...{ open: () => file, previous: undefined },
      }),
    }),
    settings: () => settingsOf(),
    keepAlive: (_, work) => void work.catch(() => undefined),
    address: () => "client",
  });

const over = (options = {}): Hono =>
  router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost], options).app;

beforeAll(async () => {
  files = await partedFiles({ version: "a", seed: 1, sizes: SIZES, hasLabels: true });
  shelf.publish(files);
  [whole, one] = [await wholeIndex(files), serviceOf(files)];
  hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
  flat = over();
  const below = over();
  nested = router(shelf, () => [hostOf(below)], { groups: [2, 2] }).app;
});

const vector = Array.from(queryOf(7));
const labelled = {
  exclude: ["class 3", 130],
  bias: { ids: ["class 120", "class 299", 5], values: [4, -1, 0.5] },
  history: ["class 5", "class 121"],
  ...{ repetitionPenalty: 1.3, presencePenalty: 0.5 },
};

describe.each([
  ["a router", () => flat],
  ["a router of routers", () => nested],
])("%s", (_, routerOf) => {
  /** Asks the router and the service of one index. */
  const both = async (path: string, body: object): Promise<readonly [routed: unknown, single: unknown]> => {
    const [routed, single] = [await ask(routerOf(), path, body), await ask(one, path, body)];
    expect([routed.status, single.status]).toEqual([200, 200]);
    return [routed.answer, single.answer];
  };

  test("says that it has labels", async () => {
    expect(await (await routerOf().request("/v1/info")).json()).toMatchObject({ hasLabels: true, itemCount: 300 });
  });

  test.each<[path: string, fields: object, compared: readonly string[]]>([
    ["/v1/predict", { k: 12, exact: true }, ["ids", "labels", "scores"]],
    ["/v1/predict", { k: 12, exact: true, ...labelled }, ["ids", "labels", "scores"]],
    ["/v1/predict", { k: 9, exact: true, allow: ["class 7", "class 120", 299] }, ["ids", "labels", "scores"]],
  ])("answers %s with %j as one index", async (path, fields, compared) => {
    const pick = (answer: unknown) => compared.map((name) => (answer as Record<string, unknown>)[name]);
    const [routed, single] = await both(path, { vector, ...fields });
    expect(pick(routed)).toEqual(pick(single));
    expect(pick(routed)).not.toContain(undefined);
  });

  test.each([
    { exclude: ["class 1", "class 300", "class 250", "nobody"] },
    { allow: ["class x", "class 7", "class 120"] },
    { bias: { ids: ["class 299", "nobody"], values: [5, 9] } },
  ])("leaves out labels of %j that no part has, if it is told to", async (conditions) => {
    const fields = { vector, k: 5, exact: true, ...conditions, unknownLabels: "skip" };
    const pick = (answer: unknown) => (answer as { labels: unknown }).labels;
    const [routed, single] = await both("/v1/predict", fields);
    expect(pick(routed)).toEqual(pick(single));
  });

  test("answers a batch, each query with conditions of its own", async () => {
    const vectors = [1, 2].map((seed) => Array.from(queryOf(seed)));
    const conditions = [{ exclude: ["class 1", "class 250"] }, { allow: ["class 0", "class 201", "class 120"] }];
    const pick = (answer: unknown) =>
      (answer as { results: { ids: unknown; labels: unknown; scores: unknown }[] }).results.map(
        ({ ids, labels, scores }) => ({ ids, labels, scores }),
      );
    const [routed, single] = await both("/v1/predict", { vectors, k: 5, exact: true, conditions });
    expect(pick(routed)).toEqual(pick(single));
  });

  test.each<[path: string, fields: object]>([
    ["/v1/sample", { draws: 40, seed: 3, scan: 60 }],
    ["/v1/sample", { draws: 40, seed: 3, exact: true, exclude: ["class 9"] }],
    ["/v1/sample-top-k", { k: 20, seed: 3, scan: 60 }],
  ])("labels what %s draws with %j", async (path, fields) => {
    const { status, answer } = await ask(routerOf(), path, { vector, ...fields });
    expect(status).toBe(200);
    expect(answer.labels).toEqual(whole.labels(answer.ids));
    expect(answer.ids).not.toContain("exclude" in fields ? 9 : -1);
  });

  test.each<[path: string, fields: object, labels: readonly string[], ids: readonly number[]]>([
    ["/v1/log-probability", { scan: 64, seed: 1 }, ["class 299", "class 0", "class 120"], [299, 0, 120]],
    ["/v1/slate-log-probability", { exact: true }, ["class 299", "class 0", "class 121"], [299, 0, 121]],
  ])("answers %s of labels as of their ids", async (path, fields, labels, ids) => {
    const of = async (named: readonly unknown[]) => {
      const { status, answer } = await ask(routerOf(), path, { vector, ...fields, ids: named });
      const { requestId: __, ...rest } = answer;
      return { status, rest };
    };
    expect(await of(labels)).toEqual(await of(ids));
    expect((await of(labels)).status).toBe(200);
  });

  test.each([
    [{ topK: 7, vector }],
    [{ topK: 7, vector, returnMetadata: "all" }],
    [{ topK: 7, vector, returnValues: true, returnMetadata: "indexed" }],
    [{ topK: 7, vectorId: "class 120" }],
    [{ topK: 3, vectorId: "class 299", returnValues: true, returnMetadata: true }],
  ])("answers Vectorize's query %j as one index", async (body) => {
    // Heads of 1,024 rows are all rows, so both answers are exact.
    const [routed, single] = (await both("/v1/query", body)) as readonly { result: { matches: { id: string }[] } }[];
    expect(routed?.result).toEqual(single?.result);
    expect(routed?.result.matches[0]?.id).toMatch(/^class \d+$/);
  });

  test.each<[path: string, fields: object, message: string]>([
    ["/v1/predict", { exclude: ["class 1", "class x"] }, '"exclude[1]" expected a label of the index'],
    ["/v1/predict", { allow: ["\ud800"] }, '"allow[0]" expected a label of the index'],
    ["/v1/predict", { bias: { ids: ["nobody"], values: [1] } }, '"bias.ids[0]" expected a label of the index'],
    ["/v1/predict", { history: [300] }, '"history[0]" expected an integer from 0 to 299 or a label'],
    ["/v1/log-probability", { ids: ["class 1", "class 300"] }, '"ids[1]" expected a label of the index'],
    ["/v1/slate-log-probability", { ids: ["class 1", 1] }, '"ids[1]" expected a class that is not in the slate yet'],
    ["/v1/query", { vectorId: "class 300", vector: undefined }, '"vectorId" expected an id of the index'],
    ["/v1/query", { vectorId: "class 3" }, 'body expected one of "vector", "vectorId", got both'],
  ])("refuses %s with %j as one index does", async (path, fields, message) => {
    const body = { vector, ...fields };
    const [routed, single] = [await ask(routerOf(), path, body), await ask(one, path, body)];
    const detailOf = ({ answer }: typeof routed): string => answer.detail ?? answer.errors[0].message;
    expect([routed.status, detailOf(routed)]).toEqual([400, detailOf(single)]);
    expect(detailOf(routed)).toContain(message);
  });
});

describe("a request", () => {
  const requestsOf = async (body: object, path = "/v1/predict"): Promise<number[]> => {
    await ask(flat, "/v1/predict", { vector, k: 1 });
    const before = hosts.map(({ requests }) => requests);
    expect((await ask(flat, path, { vector, ...body })).status).toBe(200);
    return hosts.map(({ requests }, i) => requests - (before[i] as number));
  };

  test("takes one message to each part, labels of its answer included", async () => {
    expect(await requestsOf({ k: 5, exact: true })).toEqual([1, 1, 1, 1]);
    expect(await requestsOf({ topK: 5, returnValues: true }, "/v1/query")).toEqual([1, 1, 1, 1]);
  });

  test("takes one more where it names labels, however many", async () => {
    expect(await requestsOf({ k: 5, exact: true, ...labelled })).toEqual([2, 2, 2, 2]);
    expect(await requestsOf({ ids: ["class 7", "class 8"], ...labelled }, "/v1/log-probability")).toEqual([2, 2, 2, 2]);
  });
});

describe("where a part", () => {
  const first = (): FaultyHost => hosts[0] as FaultyHost;
  /** The part changes what its answers carry. */
  const lying = (meddle: (answer: PartialAnswer) => PartialAnswer) =>
    damaged((bytes) =>
      joinMessages(splitMessages(bytes, 100).map((message) => encodeAnswer(meddle(decodeAnswer(message))))),
    );
  const withFault = async <T>(fault: FaultyHost["fault"], work: () => Promise<T>): Promise<T> => {
    await ask(flat, "/v1/predict", { vector, k: 1 });
    first().fault = fault;
    try {
      return await work();
    } finally {
      first().fault = undefined;
    }
  };

  test("is missing, labels that the others have are found", async () => {
    const asked = { vector, k: 5, exact: true, exclude: ["class 299", 130, "class 121"], partial: "allow" };
    const { status, answer } = await withFault(killed, () => ask(flat, "/v1/predict", asked));
    expect([status, answer.coverage?.parts]).toEqual([200, 3]);
    const all = whole.topK(queryOf(7), 300, { exact: true, exclude: [299, 130, 121] });
    expect(answer.ids).toEqual(Array.from(all.ids.filter((id) => id >= 120)).slice(0, 5));
    // A router above takes the answer of the others, too.
    const above = await withFault(killed, () => ask(nested, "/v1/predict", asked));
    expect([above.status, above.answer.coverage?.parts]).toEqual([200, 3]);
  });

  test.each([
    ["its label", { exclude: ["class 299", "class 3"], partial: "allow" }, 503],
    ["its class by id, beside a label of another", { exclude: ["class 299", 3], partial: "allow" }, 200],
    ["a label that nobody has", { exclude: ["class 299", "nobody"], partial: "allow" }, 503],
    ["a label of another, and wants all parts", { exclude: ["class 299"] }, 503],
  ] as const)("is missing and a request names %s: %j is answered by %i", async (_, fields, expected) => {
    const { status, answer } = await withFault(killed, () => ask(flat, "/v1/predict", { vector, k: 5, ...fields }));
    expect([status, answer.code]).toEqual([expected, expected === 503 ? "part_missing" : undefined]);
  });

  test("is missing, an answer of the others has labels", async () => {
    const asked = { vector, k: 5, exact: true, partial: "allow" };
    const { status, answer } = await withFault(killed, () => ask(flat, "/v1/predict", asked));
    expect([status, answer.coverage.parts]).toEqual([200, 3]);
    expect(answer.labels).toEqual(whole.labels(answer.ids));
    expect(answer.labels).toHaveLength(5);
  });

  test.each<[lie: string, meddle: (answer: PartialAnswer) => PartialAnswer, message: string]>([
    ["carries nothing", ({ classes: _, ...answer }) => answer, 'expected "classes", got none'],
    [
      "carries no labels",
      (answer) => ({ ...answer, classes: { ids: new Int32Array(0) } }),
      "expected labels, got none",
    ],
    [
      "carries labels of no class",
      (answer) => ({ ...answer, classes: { ids: new Int32Array(0), labels: [] } }),
      'expected "classes" to have class',
    ],
  ])("%s, it is missing", async (_, meddle, message) => {
    const { status, answer } = await withFault(lying(meddle), () => ask(flat, "/v1/predict", { vector, k: 5 }));
    expect([status, answer.code]).toEqual([503, "part_missing"]);
    expect(answer.detail).toContain(message);
  });

  test("claims a label of another part, nobody is believed", async () => {
    const claim = ({ classes, ...answer }: PartialAnswer): PartialAnswer => ({
      ...answer,
      ...(classes && { classes: { ids: Int32Array.of(3), labels: ["class 299"] } }),
    });
    const asked = { vector, k: 5, exclude: ["class 299"] };
    const { status, answer } = await withFault(lying(claim), () => ask(flat, "/v1/predict", asked));
    expect(status).toBe(400);
    expect(answer.detail).toContain('"class 299", which 3 and 299 have');
  });

  test("has no labels though the manifest has, it is missing", async () => {
    first().fault = describing((description) => ({
      ...description,
      info: { ...(description.info as object), hasLabels: false },
    }));
    const { status, answer } = await ask(over(), "/v1/predict", { vector, k: 5 });
    first().fault = undefined;
    expect([status, answer.code]).toEqual([503, "part_missing"]);
    expect(answer.detail).toContain("it has no labels, the manifest has some");
  });
});

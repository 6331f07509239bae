import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index.ts";
import { FaultyHost, killed, silent } from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, type PartedFiles, partedFiles, queryOf, wholeIndex } from "./parted-files.ts";

// Two routers answer for two parts each, and one above them for all four. One part is missing.

const SIZES = [60, 90, 50, 40];
const [COUNT, LAST] = [240, 3];
const vector = Array.from(queryOf(1));
const shelf = new ManifestShelf();
let files: PartedFiles;
let whole: MultiIndex;
let hosts: FaultyHost[];
beforeAll(async () => {
  files = await partedFiles({ version: "a", seed: 5, sizes: SIZES });
  shelf.publish(files);
  whole = await wholeIndex(files);
});
beforeEach(() => {
  hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
});

const below = (own = hosts) =>
  new FaultyHost(hostOf(router(shelf, ({ numbers: [number = 0] }) => [own[number] as FaultyHost]).app));
const above = (routers: readonly (readonly FaultyHost[])[], options = {}) =>
  router(shelf, ({ place }) => routers[place] ?? [], { groups: [2, 2], ...options }).app;

/** The k best classes without those of the last part. */
function bestOfOthers(k: number): number[] {
  const { ids } = whole.topK(queryOf(1), COUNT, { exact: true });
  return Array.from(ids)
    .filter((id) => id < COUNT - (SIZES[LAST] as number))
    .slice(0, k);
}
const allowed = { vector, k: 30, exact: true, partial: "allow" };
const COVERED = { parts: 3, of: 4, classes: 200 / 240 };

describe.each([
  ["that routers begin without", true],
  ["that goes later", false],
])("a part behind a router below %s", (_, isBefore) => {
  const opened = async (): Promise<ReturnType<typeof above>> => {
    const app = above([[below()], [below()]]);
    if (!isBefore) expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
    (hosts[LAST] as FaultyHost).fault = killed;
    return app;
  };

  test("is missing alone, where some parts may be", async () => {
    const app = await opened();
    const { status, answer } = await ask(app, "/v1/predict", allowed);
    expect(status, JSON.stringify(answer)).toBe(200);
    expect(answer).toMatchObject({ ids: bestOfOthers(30), exact: false, coverage: COVERED });
    expect(answer).not.toHaveProperty("probabilities");
    const bounds = (await ask(app, "/v1/log-partition", { vector, exact: true, partial: "allow" })).answer;
    expect(bounds.coverage).toEqual(COVERED);
    expect(bounds.lower).toBeLessThan(whole.logPartition(queryOf(1), { exact: true }).upper);
    const matches = (await ask(app, "/v1/query", { vector, topK: 5, partial: "allow" })).answer.result.matches;
    expect(matches.map(({ id }: { id: string }) => Number(id))).toEqual(bestOfOthers(5));
  });

  test("is named by requests that need all, and is there again when it is", async () => {
    const app = await opened();
    const { status, answer } = await ask(app, "/v1/predict", { vector, exact: true });
    expect([status, answer.code]).toEqual([503, "part_missing"]);
    expect(answer.detail).toContain("part 3: connection refused");
    (hosts[LAST] as FaultyHost).fault = undefined;
    const all = (await ask(app, "/v1/predict", allowed)).answer;
    expect(all.coverage).toEqual({ parts: 4, of: 4, classes: 1 });
    expect(all.ids).toEqual(Array.from(whole.topK(queryOf(1), 30, { exact: true }).ids));
  });
});

test("a replica of a router that has all its parts is asked before one lets go of any", async () => {
  const broken = hosts.map((host, number) => {
    const own = new FaultyHost(host);
    if (number === LAST) own.fault = killed;
    return own;
  });
  const app = above([[below()], [below(broken), below()]]);
  const { answer } = await ask(app, "/v1/predict", allowed);
  expect(answer.coverage).toEqual({ parts: 4, of: 4, classes: 1 });
  expect(answer.ids).toEqual(Array.from(whole.topK(queryOf(1), 30, { exact: true }).ids));
});

test("all parts of a router below are missing where it does not answer, which is waited for once", async () => {
  const routers = [[below()], [below()]] as const;
  const app = above(routers, { deadlineMs: 300 });
  expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
  routers[1][0].fault = silent;
  const before = routers[1][0].requests;
  const { answer } = await ask(app, "/v1/predict", allowed);
  expect(answer.coverage).toEqual({ parts: 2, of: 4, classes: 150 / 240 });
  expect(routers[1][0].requests).toBe(before + 1);
});

test("one part is missing where it is silent, and not all of its router", async () => {
  const times = { deadlineMs: 1000 };
  const routers = [0, 1].map(() => router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost], times));
  const { app } = router(shelf, ({ place }) => [hostOf((routers[place] as ReturnType<typeof router>).app)], {
    ...times,
    groups: [2, 2],
  });
  expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
  (hosts[LAST] as FaultyHost).fault = silent;
  const { answer } = await ask(app, "/v1/predict", allowed);
  expect(answer).toMatchObject({ ids: bestOfOthers(30), coverage: COVERED });
  const refused = await ask(app, "/v1/predict", { vector });
  expect([refused.status, refused.answer.detail]).toEqual([503, expect.stringContaining("part 3: ")]);
});

test("a router below that says it answers for other parts is missing", async () => {
  (hosts[LAST] as FaultyHost).fault = killed;
  const routers = [[below()], [below()]] as const;
  // It answers a question to parts 2 and 3 with one of part 0.
  routers[1][0].fault = async (request, behind) => {
    if (request.method === "GET" || request.headers.get("x-midx-partial") === null) return behind.fetch(request);
    const headers = new Headers(request.headers);
    headers.set("x-midx-parts", "0");
    return behind.fetch(new Request(request.url, { method: "POST", headers, body: await request.arrayBuffer() }));
  };
  const { answer } = await ask(above(routers), "/v1/predict", { ...allowed, k: 5 });
  expect(answer.coverage).toEqual({ parts: 2, of: 4, classes: 150 / 240 });
});

test("labels are found in the parts that are there", async () => {
  const named = new ManifestShelf();
  const labels = (id: number): string => `class ${id}`;
  named.publish(await partedFiles({ version: "named", seed: 5, sizes: SIZES, hasLabels: true }));
  const own = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(named, number))));
  const lower = () => hostOf(router(named, ({ numbers: [number = 0] }) => [own[number] as FaultyHost]).app);
  const routers = [[lower()], [lower()]];
  const app = router(named, ({ place }) => routers[place] ?? [], { groups: [2, 2] }).app;
  (own[LAST] as FaultyHost).fault = killed;
  const [best = 0] = bestOfOthers(1);
  const { status, answer } = await ask(app, "/v1/predict", { ...allowed, k: 3, exclude: [labels(best)] });
  expect(status, JSON.stringify(answer)).toBe(200);
  expect(answer).toMatchObject({ ids: bestOfOthers(4).slice(1), coverage: COVERED });
  expect(answer.labels).toEqual(bestOfOthers(4).slice(1).map(labels));
  const unknown = await ask(app, "/v1/predict", { ...allowed, exclude: [labels(239)] });
  expect([unknown.status, unknown.answer.code], "it is in the missing part").toEqual([503, "part_missing"]);
});

test("a header that says something else is refused", async () => {
  const { app } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost]);
  const headers = { "x-midx-generation": files.manifest.generation, "x-midx-parts": "0", "x-midx-partial": "yes" };
  const response = await app.request("/v1/part", { headers });
  expect([response.status, (await response.json()).detail]).toEqual([400, expect.stringContaining("x-midx-partial")]);
});

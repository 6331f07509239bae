import type { Hono } from "hono";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { load } from "../../src/index.ts";
import { PartKeeper } from "../../worker/parts/part-keeper.ts";
import { hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, queryOf, type Succession, succession } from "./parted-files.ts";

// A canary of parts at other hosts: the router asks them for two generations, by the key of the caller.

const K = 6;
const SIZES = [30, 20, 40];
const vector = Array.from(queryOf(1));
const KEYS = Array.from({ length: 40 }, (_, i) => `caller ${i}`);

let versions: Succession["versions"];
let bestOf: Succession["bestOf"];
let shelf: ManifestShelf;
beforeAll(async () => {
  ({ versions, bestOf } = await succession(4, { seed: 40, sizes: SIZES, k: K }));
});
beforeEach(() => {
  shelf = new ManifestShelf();
  shelf.publish(versions[0] as (typeof versions)[0]);
});

const tryBeside = (version: number, share: number): void => {
  shelf.canary = { files: versions[version] as (typeof versions)[0], share };
};
function promote(version: number): void {
  shelf.publish(versions[version] as (typeof versions)[0]);
  shelf.canary = undefined;
}

/** A router over hosts of all parts, which look for another manifest with every request. */
function overHosts(mostBytes?: number): Hono {
  const hosts = SIZES.map((_, number) => [hostOf(partHost(shelf, number, mostBytes))]);
  return router(shelf, ({ place }) => hosts[place] ?? [], { refreshSeconds: 0.001, deadlineMs: 10_000 }).app;
}

/** Asks as every caller, and checks that each answer is wholly that of its version. Returns the versions. */
async function versionsOf(app: Hono): Promise<string[]> {
  const answers = KEYS.map(async (key) => {
    const response = await app.request("/v1/predict", {
      method: "POST",
      headers: { "content-type": "application/json", "x-client-key": key },
      body: JSON.stringify({ vector, k: K, exact: true }),
    });
    const answer = (await response.json()) as { readonly version: string; readonly detail?: string };
    expect(response.status, answer.detail).toBe(200);
    expect(answer).toMatchObject({ exact: true, ...bestOf.get(answer.version) });
    return answer.version;
  });
  return Promise.all(answers);
}
const healthOf = async (app: Hono) => (await app.request("/readyz")).json();

const ROUTERS: Readonly<Record<string, () => Hono>> = {
  "a router": () => overHosts(),
  "a router of routers": () => {
    const hosts = SIZES.map((_, number) => [hostOf(partHost(shelf, number))]);
    const below = router(shelf, ({ numbers: [number = 0] }) => hosts[number] ?? [], { refreshSeconds: 0.001 });
    const options = { groups: [2, 1], refreshSeconds: 0.001, deadlineMs: 10_000 };
    return router(shelf, () => [hostOf(below.app)], options).app;
  },
};

test.each(Object.entries(ROUTERS))(
  "%s asks the parts of both versions, always the same for a caller",
  async (_, start) => {
    tryBeside(1, 0.25);
    const app = start();
    const first = await versionsOf(app);
    expect(new Set(first)).toEqual(new Set(["v0", "v1"]));
    expect(await versionsOf(app)).toEqual(first);
    expect(await healthOf(app)).toMatchObject({
      status: "ready",
      version: "v0",
      canary: { version: "v1", share: 0.25 },
    });
    tryBeside(1, 0.75);
    const count = async (): Promise<number> => (await versionsOf(app)).filter((version) => version === "v1").length;
    await expect.poll(count).toBeGreaterThan(20);
    promote(1);
    await expect.poll(async () => new Set(await versionsOf(app))).toEqual(new Set(["v1"]));
    tryBeside(2, 0.5);
    await expect.poll(async () => new Set(await versionsOf(app))).toEqual(new Set(["v1", "v2"]));
    shelf.canary = undefined;
    await expect.poll(async () => new Set(await versionsOf(app))).toEqual(new Set(["v1"]));
  },
);

test("hosts with memory for one version keep the current one, which then answers everybody", async () => {
  const app = overHosts(1);
  await versionsOf(app);
  tryBeside(1, 0.5);
  await expect.poll(async () => (await healthOf(app)).status).toBe("degraded");
  expect(new Set(await versionsOf(app))).toEqual(new Set(["v0"]));
  promote(1);
  await expect.poll(async () => new Set(await versionsOf(app))).toEqual(new Set(["v1"]));
});

test("a canary takes the place of the version before the current one, and never that of the current one", async () => {
  const keeper = new PartKeeper(load);
  const environment = { publisher: shelf, keepAlive: () => undefined };
  const obtain = (version: number) => {
    const { generation } = (versions[version] as (typeof versions)[0]).manifest;
    return keeper.obtain({ generation, numbers: [0], deadlineMs: 60_000, isPartial: false }, environment);
  };
  const question = {
    call: "topK",
    query: queryOf(1),
    size: 3,
    ids: new Int32Array(0),
    options: { exact: true },
  } as const;
  const before = await obtain(0);
  promote(1);
  const current = await obtain(1);
  tryBeside(2, 0.5);
  const canary = await obtain(2);
  for (const kept of [current, canary]) expect(() => kept.answer(question)).not.toThrow();
  expect(() => before.answer(question)).toThrow(expect.objectContaining({ code: "unknown_generation" }));
  await expect(obtain(0)).rejects.toMatchObject({ code: "unknown_generation" });
  await expect(obtain(3)).rejects.toMatchObject({ code: "unknown_generation" });
  for (const kept of [current, canary]) expect(() => kept.answer(question)).not.toThrow();
});

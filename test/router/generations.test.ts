import type { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import type { RouterOptions } from "../../worker/router/router-settings.ts";
import { EVERY } from "../run/size.ts";
import { FaultyHost } from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import {
  ManifestShelf,
  type PartedFiles,
  partedFiles,
  queryOf,
  type Succession,
  succession,
  wholeIndex,
} from "./parted-files.ts";

const SWAPS = EVERY ? 20 : 8;
const K = 6;
const vector = Array.from(queryOf(1));
const SIZES = [70, 50, 80];
let bestOf: Succession["bestOf"];
let versions: Succession["versions"];

beforeAll(async () => {
  ({ versions, bestOf } = await succession(SWAPS + 1, { seed: 10, sizes: SIZES, k: K }));
});

/** Asks until `isOver`, and checks that every answer is wholly that of its version. Returns the statuses. */
async function underLoad(app: Hono, isOver: () => boolean, seen: Set<string>): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  while (!isOver()) {
    const { status, answer } = await ask(app, "/v1/predict", { vector, k: K, exact: true });
    const outcome = status === 200 ? "200" : `${status} ${answer.code}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (status === 200) {
      expect(answer).toMatchObject({ exact: true, ...bestOf.get(answer.version) });
      seen.add(answer.version);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return outcomes;
}

/** Publishes one version after the other while four clients ask. */
async function swapping(apps: readonly Hono[], shelf: ManifestShelf) {
  const seen = new Set<string>();
  let isOver = false;
  const clients = [...apps, ...apps].map((app) => underLoad(app, () => isOver, seen));
  for (const files of versions) {
    shelf.publish(files);
    const { version } = files.manifest;
    await expect.poll(() => seen.has(version), { interval: 2 }).toBe(true);
  }
  isOver = true;
  const total = new Map<string, number>();
  for (const outcomes of await Promise.all(clients)) {
    for (const [outcome, count] of outcomes) total.set(outcome, (total.get(outcome) ?? 0) + count);
  }
  return { total, seen };
}

/** Two routers, as two isolates, over the same hosts. */
function twoRouters(shelf: ManifestShelf, mostBytes: number | undefined, options: RouterOptions = {}) {
  const hosts = SIZES.map((_, number) => hostOf(partHost(shelf, number, mostBytes)));
  const make = () =>
    router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[number]], {
      ...options,
      refreshSeconds: 0.001,
    });
  return [make(), make()];
}

describe("swaps of a manifest under load", () => {
  test("mix nothing and fail nothing where a host keeps two generations", async () => {
    const shelf = new ManifestShelf();
    shelf.publish(versions[0] as PartedFiles);
    const { total, seen } = await swapping(
      twoRouters(shelf, undefined).map(({ app }) => app),
      shelf,
    );
    expect([...total.keys()]).toEqual(["200"]);
    expect(seen.size).toBe(SWAPS + 1);
  });

  test("mix nothing where a host has room for one: a question is asked again with the other generation", async () => {
    const shelf = new ManifestShelf();
    shelf.publish(versions[0] as PartedFiles);
    const routers = twoRouters(shelf, 1);
    const { total, seen } = await swapping(
      routers.map(({ app }) => app),
      shelf,
    );
    expect([...total.keys()].filter((outcome) => outcome !== "200" && outcome !== "503 part_missing")).toEqual([]);
    expect(total.get("503 part_missing") ?? 0).toBeLessThanOrEqual(SWAPS);
    expect(seen.size).toBe(SWAPS + 1);
  });
});

test("a question is asked with every generation that is published while hosts lose those before", async () => {
  const shelf = new ManifestShelf();
  shelf.publish(versions[0] as PartedFiles);
  const hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
  const { app, metrics } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost]);
  await ask(app, "/v1/predict", { vector });
  let next = 1;
  (hosts[1] as FaultyHost).fault = async (request, behind) => {
    if (request.method === "GET" || next === 6) return behind.fetch(request);
    shelf.publish(versions[next++] as PartedFiles);
    return Response.json({ code: "unknown_generation", detail: "it is gone" }, { status: 409 });
  };
  const { status, answer } = await ask(app, "/v1/predict", { vector, k: K, exact: true });
  expect(status).toBe(200);
  expect(answer).toMatchObject({ version: "v5", ...bestOf.get("v5") });
  expect(metrics.renewals).toBe(5);
});

test("a host that has not seen the new manifest keeps the old one served, which is degraded", async () => {
  const shelf = new ManifestShelf();
  const stale = new ManifestShelf();
  for (const each of [shelf, stale]) each.publish(versions[0] as PartedFiles);
  const hosts = [partHost(shelf, 0), partHost(stale, 1), partHost(shelf, 2)].map(hostOf);
  const { app } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[number]], {
    refreshSeconds: 0.001,
  });
  await ask(app, "/v1/predict", { vector });
  shelf.publish(versions[1] as PartedFiles);
  await expect.poll(async () => (await (await app.request("/readyz")).json()).status).toBe("degraded");
  for (let i = 0; i < 5; i++) {
    const { status, answer } = await ask(app, "/v1/predict", { vector, k: K, exact: true });
    expect(status).toBe(200);
    expect(answer).toMatchObject({ version: "v0", ...bestOf.get("v0") });
  }
});

test("a router that begins anew serves what is published, and the version before where that has lost a part", async () => {
  const shelf = new ManifestShelf();
  shelf.publish(versions[0] as PartedFiles);
  shelf.publish(versions[1] as PartedFiles);
  const [{ app }] = twoRouters(shelf, undefined) as [ReturnType<typeof router>];
  expect((await ask(app, "/v1/predict", { vector, k: K, exact: true })).answer).toMatchObject(
    bestOf.get("v1") as object,
  );
  const none = router(shelf, () => []);
  expect((await ask(none.app, "/v1/predict", { vector })).answer).toMatchObject({ code: "part_missing", status: 503 });
});

test("a part of another table than the manifest states is refused", async () => {
  const shelf = new ManifestShelf();
  const [right, wrong] = versions as [PartedFiles, PartedFiles];
  const other = await partedFiles({ version: "other", seed: 99, sizes: [71, 50, 80] });
  const liar = new ManifestShelf();
  shelf.publish(right);
  liar.publish({ ...right, files: other.files });
  expect(wrong.manifest.generation).not.toBe(right.manifest.generation);
  const hosts = [partHost(liar, 0), partHost(shelf, 1), partHost(shelf, 2)].map(hostOf);
  const { app } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[number]]);
  const { status, answer } = await ask(app, "/v1/predict", { vector });
  expect([status, answer.code]).toEqual([503, "part_missing"]);
  expect(answer.detail).toContain("part 0 is not the one that the manifest states: it has 71 classes");
});

test("files with labels are asked by labels, and may be swapped", async () => {
  const shelf = new ManifestShelf();
  const [first, second] = [
    await partedFiles({ version: "one", seed: 7, sizes: [30, 20], hasLabels: true }),
    await partedFiles({ version: "two", seed: 8, sizes: [30, 20], hasLabels: true, previous: "one" }),
  ];
  shelf.publish(first);
  const hosts = [0, 1].map((number) => hostOf(partHost(shelf, number)));
  const { app } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[number]], {
    refreshSeconds: 0.001,
  });
  const best = (await wholeIndex(first)).topK(queryOf(1), 4, { exact: true });
  const { answer } = await ask(app, "/v1/predict", { vector, k: 4, exact: true });
  expect(answer.ids).toEqual(Array.from(best.ids));
  expect(answer.labels).toEqual(Array.from(best.ids, (id) => `class ${id}`));
  const [top] = answer.labels;
  shelf.publish(second);
  await expect.poll(async () => (await ask(app, "/v1/predict", { vector, exclude: [top] })).answer.version).toBe("two");
});

test("routers below another one have hosts of their own parts alone, and follow the manifest too", async () => {
  const shelf = new ManifestShelf();
  const sizes = [30, 20, 25, 15];
  const [first, second] = [
    await partedFiles({ version: "one", seed: 7, sizes }),
    await partedFiles({ version: "two", seed: 8, sizes, previous: "one" }),
  ];
  shelf.publish(first);
  const hosts = sizes.map((_, number) => hostOf(partHost(shelf, number)));
  const below = [0, 1].map((half) =>
    router(shelf, ({ place }) => (place >> 1 === half ? [hosts[place] as (typeof hosts)[number]] : []), {
      refreshSeconds: 0.001,
    }),
  );
  const { app } = router(shelf, ({ place }) => [hostOf(below[place]?.app as Hono)], {
    groups: [2, 2],
    refreshSeconds: 0.001,
  });
  for (const files of [first, second]) {
    shelf.publish(files);
    const { version } = files.manifest;
    const best = (await wholeIndex(files)).topK(queryOf(1), K, { exact: true });
    await expect.poll(async () => (await ask(app, "/v1/predict", { vector })).answer.version).toBe(version);
    const { answer } = await ask(app, "/v1/predict", { vector, k: K, exact: true });
    expect(answer).toMatchObject({ version, ids: Array.from(best.ids), scores: Array.from(best.scores) });
  }
  expect((await ask(below[0]?.app as Hono, "/v1/predict", { vector })).answer.detail).toContain("no host here");
});

test("a manifest with more parts than a router has hosts for leaves the old one served, which is degraded", async () => {
  const shelf = new ManifestShelf();
  shelf.publish(versions[0] as PartedFiles);
  const hosts = [...SIZES, 10].map((_, number) => hostOf(partHost(shelf, number)));
  const over = (count: number) =>
    router(shelf, ({ place }) => hosts.slice(0, count).slice(place, place + 1), { refreshSeconds: 0.001 }).app;
  const begun = over(3);
  await ask(begun, "/v1/predict", { vector });
  shelf.publish(await partedFiles({ version: "more", seed: 3, sizes: [...SIZES, 10], previous: "v0" }));
  for (const app of [begun, over(3)]) {
    await expect
      .poll(async () => (await app.request("/readyz")).json())
      .toMatchObject({
        status: "degraded",
        reason: { detail: expect.stringContaining("part 3 of version more has no host here") },
      });
    const { status, answer } = await ask(app, "/v1/predict", { vector, k: K, exact: true });
    expect(status).toBe(200);
    expect(answer).toMatchObject({ version: "v0", ...bestOf.get("v0") });
  }
  expect((await ask(over(4), "/v1/predict", { vector })).answer.version).toBe("more");
});

test("a router that had all parts is one below another once there are more", async () => {
  const shelf = new ManifestShelf();
  const first = await partedFiles({ version: "one", seed: 7, sizes: [30, 20] });
  const second = await partedFiles({ version: "two", seed: 8, sizes: [30, 20, 25, 15], previous: "one" });
  shelf.publish(first);
  const hosts = [0, 1, 2, 3].map((number) => hostOf(partHost(shelf, number)));
  const half = (which: number) =>
    router(shelf, ({ place }) => (place >> 1 === which ? [hosts[place] as (typeof hosts)[number]] : []), {
      refreshSeconds: 0.001,
    }).app;
  const begun = half(0);
  expect((await ask(begun, "/v1/predict", { vector })).answer.version).toBe("one");
  shelf.publish(second);
  const best = (await wholeIndex(second)).topK(queryOf(1), K, { exact: true });
  for (const left of [begun, half(0)]) {
    const below = [left, half(1)].map(hostOf);
    const { app } = router(shelf, ({ place }) => [below[place] as (typeof hosts)[number]], { groups: [2, 2] });
    const { status, answer } = await ask(app, "/v1/predict", { vector, k: K, exact: true });
    expect([status, answer.ids]).toEqual([200, Array.from(best.ids)]);
    expect((await ask(left, "/v1/predict", { vector })).answer.version).toBe("one");
  }
});

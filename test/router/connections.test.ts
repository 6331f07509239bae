import { beforeAll, expect, test } from "vitest";
import type { PartHost } from "../../worker/router/part-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, type PartedFiles, partedFiles, queryOf, wholeIndex } from "./parted-files.ts";

/** The connections that may wait for their headers in one request of a Worker. */
const CONNECTIONS = 6;
const PARTS = 8;
const shelf = new ManifestShelf();
const vector = Array.from(queryOf(1));
let files: PartedFiles;

beforeAll(async () => {
  files = await partedFiles({ version: "a", seed: 2, sizes: Array(PARTS).fill(12) });
  shelf.publish(files);
});

/** Refuses a seventh request while six are waiting, where a Worker would let it wait. */
class Limiter {
  most = 0;
  #waiting = 0;

  of = (host: PartHost): PartHost => ({
    fetch: async (request) => {
      if (++this.#waiting > CONNECTIONS) throw new Error("a seventh connection");
      this.most = Math.max(this.most, this.#waiting);
      try {
        await new Promise((resolve) => setTimeout(resolve, 2));
        return await host.fetch(request);
      } finally {
        this.#waiting--;
      }
    },
  });
}

async function best(): Promise<number[]> {
  const index = await wholeIndex(files);
  return Array.from(index.topK(queryOf(1), 10, { exact: true }).ids);
}

test("a router over eight parts has at most six connections at once", async () => {
  const limiter = new Limiter();
  const hosts = files.manifest.parts.map(({ number }) => limiter.of(hostOf(partHost(shelf, number))));
  const { app } = router(shelf, ({ place }) => [hosts[place] as PartHost]);
  const { status, answer } = await ask(app, "/v1/predict", { vector, k: 10, exact: true });
  expect([status, answer.ids]).toEqual([200, await best()]);
  expect(limiter.most).toBe(CONNECTIONS);
});

test("two routers of four parts under a third have two and four", async () => {
  const below = [new Limiter(), new Limiter()];
  const above = new Limiter();
  const routers = below.map((limiter, half) => {
    const hosts = files.manifest.parts.map(({ number }) => limiter.of(hostOf(partHost(shelf, number))));
    // Each of them knows where all parts are, and is asked for half of them.
    const { app } = router(shelf, ({ place }) => [hosts[place] as PartHost]);
    return { half, host: above.of(hostOf(app)), limiter };
  });
  const { app } = router(shelf, ({ place }) => [routers[place]?.host as PartHost], { groups: [4, 4] });
  expect((await app.request("/readyz")).status).toBe(200);
  for (const limiter of [...below, above]) limiter.most = 0;
  const { status, answer } = await ask(app, "/v1/predict", { vector, k: 10, exact: true });
  expect([status, answer.ids]).toEqual([200, await best()]);
  expect(above.most).toBe(2);
  expect(below.map(({ most }) => most)).toEqual([4, 4]);
});

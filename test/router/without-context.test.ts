import { afterAll, beforeAll, expect, test } from "vitest";
import { createPart } from "../../worker/part.ts";
import { createRouter } from "../../worker/router.ts";
import { createWorker } from "../../worker/worker.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";
import { ManifestShelf, partedFiles } from "./parted-files.ts";

// Runtimes other than Workers have no context that keeps work alive, and a test of one's own may have none either.

const rejections: unknown[] = [];
const note = (reason: unknown): void => void rejections.push(reason);
beforeAll(() => void process.on("unhandledRejection", note));
afterAll(() => void process.off("unhandledRejection", note));

const statusOf = async (fetch: (request: Request) => Promise<Response>, path = "/readyz"): Promise<number> =>
  (await fetch(new Request(`http://midx${path}`))).status;

test("the Worker that wrangler.toml configures answers", async () => {
  const file = await buildIndex({ data: randomRows(40, 1), shape: [10, 4] }, { bits: 2, seed: 1 });
  const INDEX = { get: async () => ({ etag: "a", body: new Blob([file as Uint8Array<ArrayBuffer>]).stream() }) };
  const worker = createWorker();
  const env = { INDEX_SOURCE: "r2", REFRESH_SECONDS: "0.001", INDEX };
  for (let i = 0; i < 3; i++) expect(await statusOf((request) => worker.fetch(request, env))).toBe(200);
});

test("a look that fails behind the answers of a router or a part ends nothing", async () => {
  const shelf = new ManifestShelf();
  shelf.publish(await partedFiles({ version: "a", seed: 5, sizes: [10] }));
  let isBroken = false;
  const manifestOf = (): ManifestShelf => {
    if (isBroken) throw new Error("the store is gone");
    return shelf;
  };
  const part = createPart(manifestOf, { number: 0 });
  const router = createRouter(manifestOf, {
    hosts: () => [{ fetch: (request) => part.fetch(request, {}) }],
    refreshSeconds: 0.001,
  });
  const answer = (): Promise<number> => statusOf((request) => router.fetch(request, {}));
  expect(await answer()).toBe(200);
  isBroken = true;
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await answer()).toBe(200);
  }
  expect(rejections).toEqual([]);
});

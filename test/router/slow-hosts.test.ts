import { expect, test } from "vitest";
import { FaultyHost } from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, queryOf } from "./parted-files.ts";

// Hosts that are only slow, and end a request that is aborted, as connections do. Each part has two replicas.

const TIMES = { deadlineMs: 2400, prepareMs: 2400 };
const vector = Array.from(queryOf(1));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A router over so many parts that has learnt how fast they are. Then each answer takes `ms`. */
async function slowed(parts: number, ms: number) {
  const shelf = new ManifestShelf();
  shelf.publish(await partedFiles({ version: `${parts} parts`, seed: 2, sizes: Array(parts).fill(12) }));
  const hosts = Array.from({ length: parts }, (_, number) =>
    [0, 1].map(() => {
      const host = hostOf(partHost(shelf, number));
      return new FaultyHost({ fetch: async (request) => pause(5).then(() => host.fetch(request)) });
    }),
  );
  const { app } = router(shelf, ({ place }) => hosts[place] ?? [], TIMES);
  for (let i = 0; i < 25; i++) await ask(app, "/v1/predict", { vector });
  for (const host of hosts.flat()) {
    host.fault = (request, behind) =>
      new Promise((resolve, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
        void pause(ms).then(() => resolve(behind.fetch(request)));
      });
  }
  return app;
}

test("all six parts answer in three fifths of the deadline, but for one that another replica is asked for", async () => {
  const { status, answer } = await ask(await slowed(6, 1400), "/v1/predict", { vector, partial: "allow" });
  expect(status).toBe(200);
  expect((answer.coverage as { parts: number }).parts).toBeGreaterThanOrEqual(5);
});

test("all eight parts answer, six at a time, in less than half of the deadline", async () => {
  const { status, answer } = await ask(await slowed(8, 700), "/v1/predict", { vector, partial: "allow" });
  expect(status).toBe(200);
  expect((answer.coverage as { parts: number }).parts).toBe(8);
});

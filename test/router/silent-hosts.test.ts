import { describe, expect, test } from "vitest";
import { FaultyHost, silent } from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, queryOf } from "./parted-files.ts";

// Hosts that take a connection and never answer, as a machine does that hangs. Each part has two replicas.

const PARTS = 8;
const REPLICAS = [0, 1];
const TIMES = { deadlineMs: 6000, prepareMs: 6000 };
const vector = Array.from(queryOf(1));
const shelf = new ManifestShelf();
shelf.publish(await partedFiles({ version: "a", seed: 2, sizes: Array(PARTS).fill(12) }));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The hosts of all parts, and routers that ask all of them or the first of each part. */
function fleet() {
  const hosts = Array.from({ length: PARTS }, (_, number) =>
    REPLICAS.map(() => {
      const host = hostOf(partHost(shelf, number));
      return new FaultyHost({ fetch: async (request) => pause(5).then(() => host.fetch(request)) });
    }),
  );
  const first = (part: number): FaultyHost => hosts[part]?.[0] as FaultyHost;
  return {
    first,
    silence: (part: number): void => {
      first(part).fault = silent;
    },
    replicated: () => router(shelf, ({ place }) => hosts[place] ?? [], TIMES),
    alone: () => router(shelf, ({ place }) => (hosts[place] ?? []).slice(0, 1), TIMES),
  };
}

// At the same time, because nearly all of their time is that of waiting for silent hosts.
describe.concurrent("silent hosts", () => {
  test.each([
    ["begins", true],
    ["has begun", false],
  ])("the second replica answers for a first one that is silent when the router %s", async (_, isBefore) => {
    const { silence, replicated } = fleet();
    if (isBefore) silence(1);
    const { app, metrics } = replicated();
    expect((await app.request("/readyz")).status).toBe(200);
    silence(1);
    const { status, answer } = await ask(app, "/v1/predict", { vector });
    expect(status, answer.detail).toBe(200);
    expect(metrics.of([1]).hedges).toBeGreaterThan(0);
  });

  test("second replicas answer where silent ones take all connections", async () => {
    const { silence, replicated } = fleet();
    const { app, metrics } = replicated();
    for (let i = 0; i < 25; i++) expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
    for (let part = 0; part < 6; part++) silence(part);
    const before = metrics.of([0]).failures;
    const { status, answer } = await ask(app, "/v1/predict", { vector });
    expect(status, answer.detail).toBe(200);
    expect(metrics.of([0]).failures).toBe(before + 1);
  });

  test("silent parts leave time for those that wait for a connection", async () => {
    const { silence, alone } = fleet();
    const { app } = alone();
    expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
    for (let part = 0; part < 6; part++) silence(part);
    const { status, answer } = await ask(app, "/v1/predict", { vector, partial: "allow" });
    expect(status, answer.detail).toBe(200);
    expect(answer.coverage).toEqual({ parts: 2, of: PARTS, classes: 2 / PARTS });
  });

  test("parts that are slow are waited for as long as nobody needs their connections", async () => {
    const { first, alone } = fleet();
    const { app } = alone();
    expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
    first(7).fault = async (request, behind) => pause(4500).then(() => behind.fetch(request));
    const { status, answer } = await ask(app, "/v1/predict", { vector });
    expect(status, answer.detail).toBe(200);
  });

  test("a batch asks a part that was silent from the beginning once, and leaves the connections to the others", async () => {
    const { first, silence, alone } = fleet();
    silence(0);
    const { app } = alone();
    expect((await app.request("/readyz")).status).toBe(200);
    const before = first(0).requests;
    const vectors = Array.from({ length: 50 }, () => vector);
    const { status, answer } = await ask(app, "/v1/predict", { vectors, partial: "allow" });
    expect(status, answer.detail).toBe(200);
    expect(answer.results[0].coverage).toEqual({ parts: PARTS - 1, of: PARTS, classes: 1 - 1 / PARTS });
    expect(first(0).requests).toBe(before + 1);
  });
});

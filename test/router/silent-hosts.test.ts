import { beforeEach, expect, test } from "vitest";
import { FaultyHost, silent } from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, queryOf } from "./parted-files.ts";

// Hosts that take a connection and never answer, as a machine does that hangs. Each part has two replicas.

const PARTS = 8;
const REPLICAS = [0, 1];
const TIMES = { deadlineMs: 1200, prepareMs: 1200 };
const vector = Array.from(queryOf(1));
const shelf = new ManifestShelf();
shelf.publish(await partedFiles({ version: "a", seed: 2, sizes: Array(PARTS).fill(12) }));
let hosts: FaultyHost[][];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

beforeEach(() => {
  hosts = Array.from({ length: PARTS }, (_, number) =>
    REPLICAS.map(() => {
      const host = hostOf(partHost(shelf, number));
      return new FaultyHost({ fetch: async (request) => pause(5).then(() => host.fetch(request)) });
    }),
  );
});

const silence = (part: number): void => {
  (hosts[part]?.[0] as FaultyHost).fault = silent;
};
const replicated = () => router(shelf, ({ place }) => hosts[place] ?? [], TIMES);
const alone = () => router(shelf, ({ place }) => (hosts[place] ?? []).slice(0, 1), TIMES);

test.each([
  ["begins", true],
  ["has begun", false],
])("the second replica answers for a first one that is silent when the router %s", async (_, isBefore) => {
  if (isBefore) silence(1);
  const { app, metrics } = replicated();
  expect((await app.request("/readyz")).status).toBe(200);
  silence(1);
  const { status, answer } = await ask(app, "/v1/predict", { vector });
  expect(status, answer.detail).toBe(200);
  expect(metrics.of([1]).hedges).toBeGreaterThan(0);
});

test("second replicas answer where silent ones take all connections", async () => {
  const { app, metrics } = replicated();
  for (let i = 0; i < 25; i++) expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
  for (let part = 0; part < 6; part++) silence(part);
  const before = metrics.of([0]).failures;
  const { status, answer } = await ask(app, "/v1/predict", { vector });
  expect(status, answer.detail).toBe(200);
  expect(metrics.of([0]).failures).toBe(before + 1);
});

test("silent parts leave time for those that wait for a connection", async () => {
  const { app } = alone();
  expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
  for (let part = 0; part < 6; part++) silence(part);
  const { status, answer } = await ask(app, "/v1/predict", { vector, partial: "allow" });
  expect(status, answer.detail).toBe(200);
  expect(answer.coverage).toEqual({ parts: 2, of: PARTS, classes: 2 / PARTS });
});

test("parts that are slow are waited for as long as nobody needs their connections", async () => {
  const { app } = alone();
  expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
  (hosts[7]?.[0] as FaultyHost).fault = async (request, behind) => pause(900).then(() => behind.fetch(request));
  const { status, answer } = await ask(app, "/v1/predict", { vector });
  expect(status, answer.detail).toBe(200);
});

test("a batch asks a part that was silent from the beginning once, and leaves the connections to the others", async () => {
  silence(0);
  const { app } = alone();
  expect((await app.request("/readyz")).status).toBe(200);
  const first = hosts[0]?.[0] as FaultyHost;
  const before = first.requests;
  const vectors = Array.from({ length: 50 }, () => vector);
  const { status, answer } = await ask(app, "/v1/predict", { vectors, partial: "allow" });
  expect(status, answer.detail).toBe(200);
  expect(answer.results[0].coverage).toEqual({ parts: PARTS - 1, of: PARTS, classes: 1 - 1 / PARTS });
  expect(first.requests).toBe(before + 1);
});

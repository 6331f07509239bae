import { expect, test } from "vitest";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publication } from "../../worker/publication/publication.ts";
import { COUNT, Isolate, labelOf, rowOf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, type Rows, shelfOfParts } from "./parted-shelf.ts";
import { hostsOf, RouterIsolate } from "./routed-parts.ts";

// A canary of an index in parts and the current version follow one log, whichever of them a caller meets.

const ROWS: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
const OTHERS: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i + 50)]));

const withCanary = (
  first: Publication<PublishedManifest>,
  second: Publication<PublishedManifest>,
): Publication<PublishedManifest> => ({
  ...{ ...first, tag: "first beside second", file: first.tag },
  canary: { share: 0.5, look: async () => second },
});

test("a router answers by the current version where hosts have lost the canary, and by the canary once they have it", async () => {
  const first = await publishedParts(ROWS, [12], "first");
  const second = await publishedParts(OTHERS, [10, 25], "second");
  const both = withCanary(first, second);
  const ofHosts = shelfOfParts(both);
  const hosts = hostsOf(ofHosts, 3);
  const service = new RouterIsolate(shelfOfParts(both), hosts, new MemoryLog(), { deltaSeconds: 0.05 });
  const versionsOf = async (): Promise<string[]> => {
    const found: string[] = [];
    for (let i = 0; i < 12; i++) {
      const ask = { vector: rowOf(1), k: 3, exact: true };
      const { status, body } = await service.send("/v1/predict", ask, { "x-client-key": `${i}` });
      expect(status, body.detail).toBe(200);
      found.push(body.version);
    }
    return found;
  };
  const before = await versionsOf();
  expect(new Set(before)).toEqual(new Set(["first", "second"]));
  await service.send("/v1/upsert", { labels: ["new"], rows: [rowOf(90)] });
  ofHosts.current = first;
  for (const host of hosts) host.restart();
  expect(new Set(await versionsOf())).toEqual(new Set(["first"]));
  ofHosts.current = both;
  for (const host of hosts) host.restart();
  await expect.poll(versionsOf).toEqual(before);
});

test.each<[string, (shelf: ReturnType<typeof shelfOfParts>) => Isolate | RouterIsolate]>([
  ["one process", (shelf) => new Isolate(shelf, new MemoryLog(), { deltaSeconds: 0.05 })],
  ["a router", (shelf) => new RouterIsolate(shelf, hostsOf(shelf, 3), new MemoryLog(), { deltaSeconds: 0.05 })],
])("%s answers with every change by both versions, and by a promoted one", async (_, start) => {
  const first = await publishedParts(ROWS, [12], "first");
  const second = await publishedParts(OTHERS, [10, 25], "second");
  const shelf = shelfOfParts(withCanary(first, second));
  const service = start(shelf);
  const keys: Record<string, string> = {};
  for (let i = 0; i < 20; i++) {
    const { body } = await service.send("/v1/info", undefined, { "x-client-key": `${i}` });
    keys[body.version] = `${i}`;
  }
  expect(Object.keys(keys).sort()).toEqual(["first", "second"]);
  const as = (version: string) => ({ "x-client-key": keys[version] as string });
  const labelsAs = async (version: string, minMutation: number): Promise<string[]> => {
    const ask = { vector: rowOf(1), k: 100, exact: true, minMutation };
    const { status, body } = await service.send("/v1/predict", ask, as(version));
    expect([status, body.version, body.mutation], body.detail).toEqual([200, version, minMutation]);
    return body.labels;
  };
  for (const [i, writer] of ["first", "second", "first"].entries()) {
    const { body } = await service.send("/v1/upsert", { labels: [`new ${i}`], rows: [rowOf(90 + i)] }, as(writer));
    expect(body.sequence).toBe(i + 1);
    for (const version of ["first", "second"]) expect(await labelsAs(version, i + 1)).toContain(`new ${i}`);
  }
  const removed = await service.send("/v1/delete", { labels: ["new 1", labelOf(3)] }, as("second"));
  expect(removed.body.sequence).toBe(4);
  for (const version of ["first", "second"]) {
    const labels = await labelsAs(version, 4);
    expect(labels).toHaveLength(COUNT + 1);
    expect(labels).not.toContain("new 1");
  }
  shelf.current = second;
  const versionAs = async (): Promise<string> => (await service.send("/v1/info", undefined, as("first"))).body.version;
  await expect.poll(versionAs).toBe("second");
  expect((await service.send("/v1/info", undefined, as("first"))).body.mutation).toBe(4);
});

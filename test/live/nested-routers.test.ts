import { beforeEach, describe, expect, test } from "vitest";
import { encodeLoggedSet } from "../../src/changes/index.ts";
import { joinMessages } from "../../worker/parts/frames.ts";
import { CHANGES_HEADER } from "../../worker/parts/protocol.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import { COUNT, labelOf, rowOf, type Shelf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, shelfOfParts } from "./parted-shelf.ts";
import { type ChangingHost, hostsOf, PassingRouter, RouterIsolate } from "./routed-parts.ts";

// A router with a log whose first two parts are behind another router, which passes changes on.

const ALL = { vector: rowOf(7), k: 500, exact: true };
const files = publishedParts(new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)])), [12, 25], "one");
let shelf: Shelf<PublishedManifest>;
let log: MemoryLog;
let hosts: ChangingHost[];
let below: PassingRouter;
let isolate: RouterIsolate;
const above = (router: PassingRouter, ofLog = log): RouterIsolate =>
  new RouterIsolate(shelf, [router, router, hosts[2] as ChangingHost], ofLog, {
    ...{ deltaSeconds: 3600, routing: { groups: [2, 1] } },
  });
beforeEach(async () => {
  shelf = shelfOfParts(await files);
  log = new MemoryLog();
  hosts = hostsOf(shelf, 3);
  below = new PassingRouter(shelf, hosts);
  isolate = above(below);
});

async function write(of: RouterIsolate, ...labels: string[]): Promise<void> {
  const { status, body } = await of.send("/v1/upsert", { labels, rows: labels.map((_, i) => rowOf(800 + i)) });
  expect([status, body.detail]).toEqual([200, undefined]);
  await of.settled();
}

async function expectClasses(of: RouterIsolate, count: number): Promise<void> {
  const { status, body } = await of.send("/v1/predict", ALL);
  expect([status, body.detail]).toEqual([200, undefined]);
  expect(new Set(body.labels).size).toBe(count);
  expect(body.probabilities.reduce((total: number, p: number) => total + p, 0)).toBeCloseTo(1, 6);
}

const NEW = Array.from({ length: 9 }, (_, i) => `new ${i}`);

test.each<readonly [string, () => readonly { restart(): void }[]]>([
  ["a part", () => hosts.slice(0, 1)],
  ["all parts", () => hosts],
  ["the router below", () => [below]],
  ["the router below and a part of it", () => [below, hosts[1] as ChangingHost]],
])("after a restart of %s answers have all changes, and those that are written then", async (_, restarted) => {
  await write(isolate, ...NEW);
  await isolate.send("/v1/delete", { labels: [labelOf(2), "new 1"] });
  await isolate.settled();
  await expectClasses(isolate, COUNT + 9 - 2);
  for (const each of restarted()) each.restart();
  await expectClasses(isolate, COUNT + 9 - 2);
  for (const each of restarted()) each.restart();
  await write(isolate, "later");
  await expectClasses(isolate, COUNT + 10 - 2);
});

test("a part that is gone stops no writes of labels that changes have named, and has them once it is there again", async () => {
  await write(isolate, ...NEW);
  const gone = hosts[1] as ChangingHost;
  gone.fault = async () => {
    throw new TypeError("connection refused");
  };
  await write(isolate, "new 3");
  const missing = await isolate.send("/v1/predict", { ...ALL, minMutation: 2 });
  expect([missing.status, missing.body.detail]).toEqual([503, expect.stringContaining("part 1: connection refused")]);
  const some = await isolate.send("/v1/predict", { ...ALL, minMutation: 2, partial: "allow" });
  expect([some.status, some.body.coverage.parts]).toEqual([200, 1]);
  gone.fault = undefined;
  gone.restart();
  await expectClasses(isolate, COUNT + 9);
});

test("a replica that has started again gets its changes although the other one has them", async () => {
  const [first, second] = [hosts[0] as ChangingHost, hostsOf(shelf, 3)[0] as ChangingHost];
  isolate = above(new PassingRouter(shelf, [[first, second], ...hosts.slice(1)]));
  await write(isolate, ...NEW);
  first.restart();
  await expectClasses(isolate, COUNT + 9);
  second.fault = async () => {
    throw new TypeError("connection refused");
  };
  await expectClasses(isolate, COUNT + 9);
});

test("routers with routers of their own below, or with none, bring the same parts changes, and agree", async () => {
  const flat = new RouterIsolate(shelf, hosts, log, { deltaSeconds: 3600 });
  const all = [isolate, above(new PassingRouter(shelf, hosts)), flat];
  for (let i = 0; i < 9; i++) await write(all[i % 3] as RouterIsolate, `new ${i}`, `other ${i}`);
  const answers: unknown[] = [];
  for (const each of all) {
    const { status, body } = await each.send("/v1/predict", { ...ALL, exclude: ["new 3", "other 5"], minMutation: 9 });
    expect([status, body.ids?.length]).toEqual([200, COUNT + 18 - 2]);
    answers.push([body.ids, body.scores, body.labels]);
  }
  expect(answers).toEqual([answers[0], answers[0], answers[0]]);
});

test("parts with the changes of another log are missing", async () => {
  await write(isolate, "a");
  const other = above(new PassingRouter(shelf, hosts), new MemoryLog());
  await other.send("/v1/upsert", { labels: ["b"], rows: [rowOf(1)] });
  await other.settled();
  const { status, body } = await other.send("/v1/predict", { ...ALL, minMutation: 1 });
  expect([status, body.code, body.detail]).toEqual([503, "part_missing", expect.stringContaining("of another log")]);
  await expectClasses(isolate, COUNT + 1);
});

test("a router below finds the newest generation although a look for the one before ends first", async () => {
  const rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(100 + i)]));
  const first = await files;
  const second = { ...(await publishedParts(rows, [12, 25], "two")), previous: async () => first };
  const third = { ...(await publishedParts(rows, [9, 25], "three")), previous: async () => second };
  below = new PassingRouter(shelf, hostsOf(shelfOfParts(third), 3));
  const describe = async ({ open }: Shelf<PublishedManifest>["current"]) => {
    const headers = { "x-midx-generation": (await open()).manifest.generation, "x-midx-parts": "0,1" };
    return (await below.fetch(new Request("http://part/v1/part", { headers }))).status;
  };
  expect(await describe(first)).toBe(200);
  const held = Promise.withResolvers<void>();
  let opened = 0;
  const openSecond = async () => {
    opened++;
    await held.promise;
    return second.open();
  };
  shelf.current = { ...second, open: openSecond };
  await expect.poll(() => describe(first).then(() => opened)).toBe(1); // a look behind an answer begins
  const openThird = async () => {
    held.resolve();
    await new Promise((resolve) => setTimeout(resolve, 100)); // the second generation takes its place meanwhile
    return third.open();
  };
  shelf.current = { ...third, open: openThird };
  expect(await describe(third)).toBe(200);
});

test("a router below that passes no changes on is refused by name", async () => {
  const { status, body } = await above(new PassingRouter(shelf, hosts, {}, false)).send("/v1/predict", ALL);
  expect([status, body.code]).toEqual([503, "part_missing"]);
  expect(body.detail).toContain("part 0,1: its host takes no changes: start it with --max-delta or --pass-changes");
});

describe("a router that passes changes on", () => {
  const set = encodeLoggedSet({ removals: [labelOf(1)] });
  const none = encodeLoggedSet({});
  const [zero, one] = [`0-${"0".repeat(32)}`, `1-${"1".repeat(32)}`];
  const message = (head: object, ...sets: Uint8Array[]) =>
    joinMessages([new TextEncoder().encode(JSON.stringify(head)), ...sets]);
  const post = async (body: Uint8Array<ArrayBuffer>) => {
    const { manifest } = await (await files).open();
    const headers = {
      ...{ "x-midx-generation": manifest.generation, "x-midx-parts": "0,1" },
      "content-type": "application/x-midx-messages",
    };
    const response = await below.fetch(new Request("http://part/v1/part/changes", { method: "POST", headers, body }));
    return { status: response.status, state: response.headers.get(CHANGES_HEADER), body: await response.json() };
  };

  test.each<readonly [string, Uint8Array<ArrayBuffer>, number, string]>([
    ["changes of one part", message({ from: zero, states: [one], added: [[]] }, set), 400, "expected 2 sets, got 1"],
    [
      "no places",
      message({ from: zero, states: [one] }, set, none),
      400,
      '"added" of changes expected places, got none',
    ],
    [
      "a place that is none",
      message({ from: zero, states: [one], added: [[2]] }, set, none),
      400,
      '"added" of changes',
    ],
    ["other places", message({ from: zero, states: [one], added: [] }, set, none), 400, "expected 1 lists of places"],
    ["an unknown state", message({ from: one, states: [], added: [] }), 409, `changes expected to follow ${zero}`],
  ])("refuses %s, and stays as it is", async (_, body, status, detail) => {
    const answer = await post(body);
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(detail)]);
    expect(answer.state).toBe(zero);
  });

  test("says which changes its parts lack", async () => {
    const first = await post(message({ from: zero, states: [one], added: [[]] }, set, none));
    expect([first.status, first.state]).toEqual([200, one]);
    (hosts[0] as ChangingHost).restart();
    const two = `2-${"2".repeat(32)}`;
    const next = await post(message({ from: one, states: [two], added: [[]] }, none, none));
    expect([next.status, next.body.code, next.state]).toEqual([409, "changes_differ", zero]);
    const all = await post(message({ from: zero, states: [one, two], added: [[], []] }, set, none, none, none));
    expect([all.status, all.state]).toEqual([200, two]);
  });
});

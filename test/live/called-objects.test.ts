import { expect, test } from "vitest";
import { takeChanges } from "../../worker/part.ts";
import type { PartCall } from "../../worker/parts/part-calls.ts";
import { inDurableObjects } from "../../worker/router/object-host.ts";
import { Objects } from "../router/objects-in-process.ts";
import { COUNT, labelOf, rowOf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, type Rows, shelfOfParts, WRITES } from "./parted-shelf.ts";
import { hostsOf, manifestsOf, RouterIsolate } from "./routed-parts.ts";

// Durable Objects of parts that take changes, which a router with a log asks by calls.

const ROWS: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
const COUNT_OF_PARTS = 4;

async function called() {
  const shelf = shelfOfParts(await publishedParts(ROWS, [12, 25, 33], "one", 0, "columns"));
  const objects = new Objects(manifestsOf(shelf), { base: class {}, changes: takeChanges({ maxDelta: 50 }) });
  const hosts = Array.from({ length: COUNT_OF_PARTS }, (_, number) =>
    inDurableObjects(objects, { place: number, numbers: [number], generation: "", replicas: 1 }),
  );
  return { shelf, objects, router: new RouterIsolate(shelf, hosts, new MemoryLog()) };
}

test("calls have the answers of requests after changes, also of objects that have lost theirs", async () => {
  const { shelf, objects, router } = await called();
  const requested = new RouterIsolate(shelf, hostsOf(shelf, COUNT_OF_PARTS), new MemoryLog());
  for (const [path, body] of WRITES) {
    const [own, other] = [await router.send(path, body), await requested.send(path, body)];
    expect([own.status, own.body]).toEqual([200, other.body]);
  }
  const all = { vector: rowOf(7), seed: 5, minMutation: WRITES.length };
  const asked: readonly (readonly [path: string, body: object])[] = [
    ["/v1/predict", { ...all, k: 99, exact: true }],
    ["/v1/predict", { ...all, k: 9, scan: 20, draws: 40, exclude: ["new b"], filter: { price: { $gte: 3 } } }],
    ["/v1/sample", { ...all, draws: 40, exact: true }],
    ["/v1/decode", { ...all, top_p: 0.9 }],
    ["/v1/query", { vectorId: "new b", topK: 10, returnValues: true, returnMetadata: "all" }],
  ];
  for (const isRestarted of [false, true]) {
    if (isRestarted) objects.restart();
    objects.asked.length = 0;
    for (const [path, body] of asked) {
      const [own, other] = [await router.send(path, body), await requested.send(path, body)];
      const { requestId, ...expected } = other.body;
      expect([path, own.status, own.body]).toEqual([path, 200, expect.objectContaining(expected)]);
      expect(own.headers.get("x-mutation")).toBe(String(WRITES.length));
    }
    expect(objects.asked).toContain("call");
    expect(objects.asked).not.toContain("/v1/partial");
  }
});

test("an object without the changes of a call says which it has", async () => {
  const { shelf, objects } = await called();
  const { manifest } = await shelf.current.open();
  const object = objects.get("0/0/");
  const call: PartCall = {
    ...{ version: 3, generation: manifest.generation, numbers: [0], deadlineMs: 1000, isPartial: false },
    changes: `7-${"a".repeat(32)}`,
  };
  const zero = `0-${"0".repeat(32)}`;
  expect(await object.answer(call, [])).toEqual({
    problem: {
      ...{ status: 409, code: "changes_differ", changes: zero },
      detail: `the part has the changes ${zero}, and was asked for ${call.changes}`,
    },
  });
  expect(await object.answer({ ...call, changes: zero }, [])).toEqual({ answers: [], bands: "", changes: zero });
  expect(await object.answer({ ...call, changes: undefined }, [])).toEqual({ answers: [], bands: "", changes: zero });
  const none = new Objects(manifestsOf(shelf)).get("0/0/");
  expect(await none.answer(call, [])).toMatchObject({ problem: { code: "changes_differ", changes: undefined } });
});

test("an object of an earlier midx, which does not look at the changes of a call, is not believed", async () => {
  const { objects, router } = await called();
  const [[path, body]] = WRITES as [[string, object]];
  expect((await router.send(path, body)).status).toBe(200);
  const ask = { vector: rowOf(7), k: 9, minMutation: 1 };
  expect((await router.send("/v1/predict", ask)).status).toBe(200);
  objects.fault = (name, _, answer) =>
    name.startsWith("1/")
      ? async (call, questions) => {
          const given = await answer(call, questions);
          return "problem" in given ? given : { ...given, changes: undefined };
        }
      : undefined;
  const { status, body: refused } = await router.send("/v1/predict", ask);
  expect([status, refused.code]).toEqual([503, "part_missing"]);
  expect(refused.detail).toContain("without the changes that it was asked for");
});

import { expect, test } from "vitest";
import { COUNT, Isolate, labelOf, rowOf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, type Rows, shelfOfParts, WRITES } from "./parted-shelf.ts";
import { hostsOf, PassingRouter, RouterIsolate } from "./routed-parts.ts";

// A router whose parts are elsewhere, beside one process that has all parts and the same changes.

const ROWS: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
const STARTS = [12, 25, 33];
const INDEX = "/client/v4/accounts/a/vectorize/v2/indexes/i";

type RoutedShelf = ReturnType<typeof shelfOfParts>;
/** Routers with a log over four parts, by the way to these. */
const ROUTERS: Readonly<Record<string, (shelf: RoutedShelf) => RouterIsolate>> = {
  "a router": (shelf) => new RouterIsolate(shelf, hostsOf(shelf, 4), new MemoryLog()),
  "a router of routers": (shelf) => {
    const below = new PassingRouter(shelf, hostsOf(shelf, 4));
    return new RouterIsolate(shelf, [below, below, below], new MemoryLog(), { routing: { groups: [2, 2] } });
  },
  "routers of several levels, and of one part": (shelf) => {
    const hosts = hostsOf(shelf, 4);
    const lowest = new PassingRouter(shelf, hosts);
    const middle = new PassingRouter(shelf, [lowest, lowest, ...hosts.slice(2)], { groups: [2, 1, 1] });
    return new RouterIsolate(shelf, [middle, middle, middle, lowest], new MemoryLog(), { routing: { groups: [3, 1] } });
  },
};

test.each(Object.entries(ROUTERS))(
  "answers of %s are those of one process that has all parts",
  async (name, routerOver) => {
    const isFlat = name === "a router";
    const shelf = shelfOfParts(await publishedParts(ROWS, STARTS, "one", 0, "columns"));
    const router = routerOver(shelf);
    const whole = new Isolate(shelf, new MemoryLog());
    for (const [path, body] of WRITES) {
      const [own, other] = [await router.send(path, body), await whole.send(path, body)];
      expect([own.status, own.body]).toEqual([200, other.body]);
    }
    const all = { vector: rowOf(7), seed: 5, minMutation: WRITES.length };
    const asked: readonly (readonly [path: string, body?: object])[] = [
      ["/v1/predict", { ...all, k: 99, exact: true }],
      ["/v1/predict", { ...all, k: 9, scan: 20, draws: 40 }],
      ["/v1/predict", { ...all, k: 9, exclude: ["new b", labelOf(20)], bias: { ids: ["new c"], values: [2] } }],
      ["/v1/predict", { ...all, k: 9, allow: ["new c", labelOf(1), labelOf(39)], temperature: 0.5 }],
      ["/v1/predict", { ...all, k: 5, diversity: { lambda: 0.5, pool: 12 } }],
      ["/v1/predict", { ...all, k: 50, filter: { price: { $gte: 3 } } }],
      ["/v1/log-partition", all],
      ["/v1/sample", { ...all, draws: 40, exact: true }],
      ["/v1/sample-top-k", { ...all, k: 6 }],
      ["/v1/decode", { ...all, top_p: 0.9 }],
      ["/v1/log-probability", { ...all, ids: [4, 30, 41, 7] }],
      ["/v1/log-probability", { ...all, ids: ["new b", labelOf(3), labelOf(39)] }],
      ["/v1/query", { vector: rowOf(7), topK: 20, filter: { price: { $gt: 100 } }, returnMetadata: "all" }],
      ["/v1/query", { vectorId: "new b", topK: 10, returnValues: true, returnMetadata: "all" }],
      [`${INDEX}/get_by_ids`, { ids: ["new b", "new a", labelOf(3), labelOf(4), labelOf(31)] }],
      [`${INDEX}/list?count=30`],
      [`${INDEX}/info`],
    ];
    for (const [path, body] of asked) {
      const [own, other] = [await router.send(path, body), await whole.send(path, body)];
      expect([own.status, own.body.detail], path).toEqual([200, undefined]);
      expect(own.headers.get("x-mutation"), path).toBe(String(WRITES.length));
      // Routers of routers add up in another order.
      const shown = isFlat ? lasting : (value: unknown) => rounded(lasting(value) as object);
      expect(shown(own.body), path).toEqual(shown(other.body));
    }
    const [{ body: own }, { body: other }] = [await router.send("/v1/info"), await whole.send("/v1/info")];
    const { maxDelta, ...changes } = other.changes;
    expect(own.changes).toMatchObject(changes);
    expect(own.itemCount).toBe(COUNT + 3);
    const drawn = await router.send("/v1/sample", { vector: rowOf(7), draws: 50, seed: 3, minMutation: 4 });
    expect(drawn.body.labels).not.toContain("new a");
  },
);

/** Leaves out what differs from call to call. */
const lasting = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (name, inner) => (["requestId", "nextCursor"].includes(name) ? undefined : inner)));

/** Rounds all numbers. The draws of parts whose tail is empty count in one nesting and not in another. */
const rounded = ({ effectiveSampleSize: _, ...value }: { readonly effectiveSampleSize?: number }): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === "number" ? Number(inner.toPrecision(9)) : inner)));

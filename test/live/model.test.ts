import fc from "fast-check";
import { expect, test } from "vitest";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { PartHost } from "../../worker/router/part-hosts.ts";
import { EVERY } from "../run/size.ts";
import { compactedFile, compactedParts } from "./compacted-shelf.ts";
import { COUNT, Isolate, labelOf, published, rowOf, type Shelf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { fileOf, priceOf, publishedParts, shelfOfParts } from "./parted-shelf.ts";
import { hostsOf, PassingRouter, RouterIsolate } from "./routed-parts.ts";

// Random writes, reads, filters, trims, builds, compactions and rollbacks, by three isolates with one log, against a Map.

type Step =
  | {
      readonly kind: "upsert" | "delete";
      readonly labels: readonly number[];
      readonly seed: number;
      readonly priced?: boolean;
    }
  | { readonly kind: "read"; readonly seed: number; readonly below: number | undefined }
  | { readonly kind: "publish"; readonly back: number }
  | { readonly kind: "compact" }
  | { readonly kind: "rollback" }
  | { readonly kind: "restart"; readonly host: number };

const labels = fc.uniqueArray(fc.nat(COUNT + 10), { minLength: 1, maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("upsert" as const), labels, seed: fc.nat(999), priced: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), labels, seed: fc.nat(999) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ kind: fc.constant("read" as const), seed: fc.nat(999) },
      below: fc.option(fc.integer({ min: -8, max: 8 }), { nil: undefined, freq: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("publish" as const), back: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("compact" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rollback" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), host: fc.nat(4) }) },
);

/** A class as it should be. */
interface Item {
  readonly row: readonly number[];
  readonly price: number | null;
}

type Items = ReadonlyMap<string, Item>;
type AnyShelf = Shelf | Shelf<PublishedManifest>;

const itemOf = (row: readonly number[]): Item => ({ row, price: priceOf(row) });
const FIRST: Items = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), itemOf(rowOf(i).map(Math.fround))]));

const rowsIn = (items: Items): Map<string, readonly number[]> =>
  new Map(Array.from(items, ([label, { row }]) => [label, row]));
const pricesIn = (items: Items): (number | null)[] => Array.from(items.values(), ({ price }) => price);

interface Kind {
  readonly runs: number;
  /** Publishes what is built of the classes as they were after a change. */
  readonly of: (items: Items, version: string, sequence: number) => Promise<AnyShelf>;
  /** Publishes what is compacted of the current version and the log. */
  readonly compacted: (current: never, version: string, log: MemoryLog) => Promise<AnyShelf["current"]>;
  /** Starts the hosts of parts that are elsewhere, in turn. Those whose parts are asked together stand several times. */
  readonly hosts?: (shelf: Shelf<PublishedManifest>) => Hosts;
}

interface Hosts {
  /** The services that can be started again. */
  readonly all: readonly { restart(): void }[];
  /** The hosts that the isolates ask, by isolate and part. */
  readonly of: readonly (readonly PartHost[])[];
  readonly groups?: readonly number[];
}

const inParts = (...shares: readonly number[]): Pick<Kind, "of" | "compacted"> => ({
  async of(items, version, sequence) {
    const starts = shares.map((share) => Math.ceil(share * items.size));
    return shelfOfParts(await publishedParts(rowsIn(items), starts, version, sequence, "columns", pricesIn(items)));
  },
  compacted: compactedParts,
});

const single = (shelf: Shelf<PublishedManifest>): Hosts => {
  const all = hostsOf(shelf);
  return { all, of: [all, all, all] };
};

/** Two routers that are asked for the first two of three parts, one of them by two isolates. */
const nested = (shelf: Shelf<PublishedManifest>): Hosts => {
  const hosts = hostsOf(shelf, 3);
  const [one, two] = [new PassingRouter(shelf, hosts), new PassingRouter(shelf, hosts)];
  const ofOne = [one, one, one];
  return { all: [...hosts, one, two], of: [ofOne, [two, two, ...hosts.slice(2)], ofOne], groups: [2, 1] };
};

/** Where versions of the classes are published, as they were after a change. */
const SHELVES: Readonly<Record<string, Kind>> = {
  "one file": {
    runs: 5,
    of: async (items, version, sequence) => ({
      current: published(await fileOf(rowsIn(items), "columns", pricesIn(items)), version, sequence),
    }),
    compacted: compactedFile,
  },
  parts: { runs: 3, ...inParts(1 / 3) },
  "parts elsewhere": { runs: 3, ...inParts(1 / 3), hosts: single },
  "routers of routers": { runs: 3, ...inParts(1 / 3, 2 / 3), hosts: nested },
};

test.each(Object.entries(SHELVES))(
  "what was acknowledged is answered, by every isolate and in every version: %s",
  async (_, { runs, of, compacted, hosts: hostsIn }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(2), step), { minLength: 10, maxLength: 30, size: "max" }),
        async (steps) => {
          const shelf = await of(FIRST, "v0", 0);
          const log = new MemoryLog();
          const hosts = hostsIn?.(shelf as Shelf<PublishedManifest>);
          const isolates = [0.05, 1, 3600].map((deltaSeconds, place) =>
            hosts
              ? new RouterIsolate(shelf as Shelf<PublishedManifest>, hosts.of[place] as readonly PartHost[], log, {
                  ...{ deltaSeconds, routing: hosts.groups ? { groups: hosts.groups } : {} },
                })
              : new Isolate(shelf, log, { deltaSeconds }),
          );
          const index = (await isolates[0]?.send("/v1/predict", { vector: rowOf(0), k: 0 }))?.status;
          expect(index).toBe(200);
          const history: Items[] = [await itemsOf(isolates[1] as Sender)];
          const begin = (): number => (log.sets[0]?.sequence ?? log.head + 1) - 1;
          for (const [i, [place, taken]] of steps.entries()) {
            const isolate = isolates[place] as Sender;
            const items = history.at(-1) as Items;
            const before = shelf.current;
            const publish = (next: AnyShelf["current"]) =>
              Object.assign(shelf, { current: { ...next, previous: async () => before } });
            if (taken.kind === "publish") {
              const sequence = Math.max(0, log.head - taken.back, begin());
              publish((await of(history[sequence] as Items, `v${i}`, sequence)).current);
              if (taken.back === 0) await log.trim(sequence);
            } else if (taken.kind === "compact") {
              if ((before.sequence ?? 0) === log.head) continue; // it has all changes
              publish(await compacted(before as never, `v${i}`, log));
              await log.trim(before.sequence ?? 0);
            } else if (taken.kind === "rollback") {
              const previous = await before.previous?.();
              if (previous && (previous.sequence ?? 0) >= begin()) Object.assign(shelf, { current: previous });
            } else if (taken.kind === "restart") {
              hosts?.all[taken.host % hosts.all.length]?.restart();
            } else if (taken.kind === "read") {
              await compare(isolate, items, taken.seed, taken.below, history.length - 1);
            } else {
              const next = new Map(items);
              const names = taken.labels.map(labelOf);
              const rows = names.map((_, at) => rowOf(taken.seed + at).map(Math.fround));
              if (taken.kind === "delete" && items.size - names.length < 8) continue; // an index has some classes
              const isPriced = taken.priced;
              for (const [at, name] of names.entries()) {
                const row = rows[at] as number[];
                const price = isPriced ? priceOf(row) : (items.get(name)?.price ?? null);
                if (taken.kind === "upsert") next.set(name, { row, price });
                else next.delete(name);
              }
              const metadata = isPriced && { metadata: rows.map((row) => ({ price: priceOf(row) })) };
              const body = { labels: names, ...(taken.kind === "upsert" && { rows, ...metadata }) };
              const { status, body: answer } = await isolate.send(`/v1/${taken.kind}`, body);
              expect([status, answer.detail, answer.sequence]).toEqual([200, undefined, history.length]);
              history.push(next);
            }
          }
          await Promise.all(isolates.map((isolate) => isolate.settled()));
        },
      ),
      {
        numRuns: process.env.MIDX_CHANGES ? 40 * runs : EVERY ? runs : Math.ceil(runs / 2),
        seed: 7,
        endOnFailure: true,
      },
    );
  },
);

type Sender = Pick<Isolate, "send">;

/** Compares the classes, scores and probabilities of an answer with those that it should have. */
async function compare(isolate: Sender, items: Items, seed: number, below: number | undefined, minMutation: number) {
  const filter = below !== undefined && { filter: { price: { $lt: below } } };
  const passing = [...items].filter(([, { price }]) => below === undefined || (price !== null && price < below));
  const vector = rowOf(seed);
  const ask = { vector, k: 500, exact: true, minMutation, ...filter };
  const { status, body } = await isolate.send("/v1/predict", ask);
  expect([status, body.detail, body.mutation]).toEqual([200, undefined, minMutation]);
  expect([...body.labels].sort()).toEqual(passing.map(([label]) => label).sort());
  if (passing.length === 0) return;
  expect(body.probabilities.reduce((sum: number, p: number) => sum + p, 0)).toBeCloseTo(1, 6);
  for (const [rank, label] of (body.labels as string[]).entries()) {
    const { row } = items.get(label) as Item;
    const score = row.reduce((sum, value, d) => sum + value * (vector[d] as number), 0);
    expect(body.scores[rank]).toBeCloseTo(score, 5);
  }
}

/** The classes that an isolate answers before any change. */
async function itemsOf(isolate: Sender): Promise<Items> {
  const path = "/client/v4/accounts/a/vectorize/v2/indexes/i/get_by_ids";
  const { body } = await isolate.send(path, { ids: [...FIRST.keys()] });
  return new Map(body.result.map(({ id, values }: { id: string; values: number[] }) => [id, itemOf(values)]));
}

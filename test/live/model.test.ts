import fc from "fast-check";
import { expect, test } from "vitest";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { PartHost } from "../../worker/router/part-hosts.ts";
import { COUNT, Isolate, labelOf, published, rowOf, type Shelf } from "./live-service.ts";
import { MemoryLog } from "./memory-log.ts";
import { fileOf, publishedParts, shelfOfParts } from "./parted-shelf.ts";
import { hostsOf, PassingRouter, RouterIsolate } from "./routed-parts.ts";

// Random writes, reads, trims and versions, by three isolates with one log, against a Map.

type Step =
  | { readonly kind: "upsert" | "delete"; readonly labels: readonly number[]; readonly seed: number }
  | { readonly kind: "read"; readonly seed: number }
  | { readonly kind: "publish"; readonly back: number }
  | { readonly kind: "restart"; readonly host: number };

const labels = fc.uniqueArray(fc.nat(COUNT + 10), { minLength: 1, maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("upsert" as const), labels, seed: fc.nat(999) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), labels, seed: fc.nat(999) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("read" as const), seed: fc.nat(999) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("publish" as const), back: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), host: fc.nat(4) }) },
);

type Rows = ReadonlyMap<string, readonly number[]>;
type AnyShelf = Shelf | Shelf<PublishedManifest>;

const FIRST: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i).map(Math.fround)]));

interface Kind {
  readonly runs: number;
  readonly of: (rows: Rows, version: string, sequence: number) => Promise<AnyShelf>;
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

const inParts =
  (...shares: readonly number[]): Kind["of"] =>
  async (rows, version, sequence) => {
    const starts = shares.map((share) => Math.ceil(share * rows.size));
    return shelfOfParts(await publishedParts(rows, starts, version, sequence));
  };

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
    runs: 6,
    of: async (rows, version, sequence) => ({ current: published(await fileOf(rows), version, sequence) }),
  },
  parts: { runs: 3, of: inParts(1 / 3) },
  "parts elsewhere": { runs: 3, of: inParts(1 / 3), hosts: single },
  "routers of routers": { runs: 3, of: inParts(1 / 3, 2 / 3), hosts: nested },
};

test.each(Object.entries(SHELVES))(
  "what was acknowledged is answered, by every isolate and in every version: %s",
  {
    timeout: 120_000,
  },
  async (_, { runs, of, hosts: hostsIn }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), step), { minLength: 5, maxLength: 25 }), async (steps) => {
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
        const history: Rows[] = [await rowsOf(isolates[1] as Sender)];
        for (const [i, [place, taken]] of steps.entries()) {
          const isolate = isolates[place] as Sender;
          const rows = history.at(-1) as Rows;
          if (taken.kind === "publish") {
            const sequence = Math.max(0, log.head - taken.back, (log.sets[0]?.sequence ?? log.head + 1) - 1);
            Object.assign(shelf, await of(history[sequence] as Rows, `v${i}`, sequence));
            if (taken.back === 0) await log.trim(sequence);
            continue;
          }
          if (taken.kind === "restart") {
            hosts?.all[taken.host % hosts.all.length]?.restart();
            continue;
          }
          if (taken.kind !== "read") {
            const names = taken.labels.map(labelOf);
            const next = new Map(rows);
            const isUpsert = taken.kind === "upsert";
            const given = names.map((_, at) => rowOf(taken.seed + at).map((value) => Math.fround(value)));
            if (!isUpsert && rows.size - names.length < 8) continue; // an index has some classes
            for (const [at, name] of names.entries()) {
              if (isUpsert) next.set(name, given[at] as number[]);
              else next.delete(name);
            }
            const body = isUpsert ? { labels: names, rows: given } : { labels: names };
            const { status, body: answer } = await isolate.send(isUpsert ? "/v1/upsert" : "/v1/delete", body);
            expect([status, answer.detail, answer.sequence]).toEqual([200, undefined, history.length]);
            history.push(next);
            continue;
          }
          const minMutation = history.length - 1;
          const ask = { vector: rowOf(taken.seed), k: 500, exact: true, minMutation };
          const { status, body } = await isolate.send("/v1/predict", ask);
          expect([status, body.detail, body.mutation]).toEqual([200, undefined, minMutation]);
          expect([...body.labels].sort()).toEqual([...rows.keys()].sort());
          expect(body.probabilities.reduce((sum: number, p: number) => sum + p, 0)).toBeCloseTo(1, 6);
          for (const [rank, label] of (body.labels as string[]).entries()) {
            const row = rows.get(label) as readonly number[];
            const score = row.reduce((sum, value, d) => sum + value * (ask.vector[d] as number), 0);
            expect(body.scores[rank]).toBeCloseTo(score, 5);
          }
        }
        await Promise.all(isolates.map((isolate) => isolate.settled()));
      }),
      { numRuns: process.env.MIDX_CHANGES ? 20 * runs : runs, seed: 7, endOnFailure: true },
    );
  },
);

type Sender = Pick<Isolate, "send">;

/** The rows that an isolate answers. */
async function rowsOf(isolate: Sender): Promise<Rows> {
  const ids = Array.from({ length: COUNT }, (_, i) => labelOf(i));
  const path = "/client/v4/accounts/a/vectorize/v2/indexes/i/get_by_ids";
  const { body } = await isolate.send(path, { ids });
  return new Map(body.result.map(({ id, values }: { id: string; values: number[] }) => [id, values]));
}

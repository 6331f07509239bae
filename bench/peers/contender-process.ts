// The process of one contender, forked by contender.ts. It builds or opens an index and then searches on request.
// Nothing more runs here, so the growth of the process is the index.
import { collect } from "./collect.ts";
import type { Answer, Build, Built, Burst, Open, Opened, Order, Search } from "./contender.ts";
import { contenders } from "./contenders.ts";
import { equallyLong, queryOfThem } from "./equal-length.ts";
import type { AnyIndex, Peer, PeerIndex } from "./peer.ts";
import { type Asked, loadSet, type RowSet } from "./row-sets.ts";
import { threadMicroseconds } from "./thread-clock.ts";

/** The number of queries between two readings of the clock, which takes some µs and has a limited resolution. */
const BATCH = 25;
/**
 * The number of queries before the first reading. The first ones load an index for an effort, and meet cold code and
 * caches.
 */
const WARM_UP = 10;
const KS = [10, 100];

interface Found {
  readonly index: AnyIndex;
  readonly asked: readonly Asked[];
}

let found: Found | undefined;

process.on("message", async (order: Order) => {
  const answer: Answer =
    "k" in order ? await searchBurst(order) : "path" in order ? await openIndex(order) : await buildIndex(order);
  process.send?.(answer);
});

process.on("disconnect", () => {
  found?.index.dispose();
  process.exit();
});

async function buildIndex({ contender, set }: Build): Promise<Built> {
  const peer = await contenderOf(contender);
  await peer.prepare?.();
  let { given, asked } = rowsFor(peer, loadSet(set));
  const [, , dim, metric] = given;
  const before = (await residentBytes()) - given[0].byteLength;
  const [index, ownSeconds] = await timed(() => peer.build(...given));
  const buildSeconds = "burst" in index ? index.seconds : ownSeconds;
  if (peer.open && index.path !== undefined) return { buildSeconds, saved: { path: index.path, dim, metric } };
  // The rows are freed, except for what the index keeps of them.
  given = [new Float32Array(), 0, dim, metric];
  found = { index, asked };
  return { buildSeconds, ...(await describe(peer, index, dim, before)) };
}

async function openIndex({ contender, set, path, dim, metric }: Open): Promise<Opened> {
  const peer = await contenderOf(contender);
  const before = await residentBytes();
  const [index, ownSeconds] = await timed(async () => (await peer.open?.(path, dim, metric)) as AnyIndex);
  const loadSeconds = "burst" in index ? index.seconds : ownSeconds;
  const opened = await describe(peer, index, dim, before);
  // This comes last: otherwise memory that the rows freed would count as the index's.
  found = { index, asked: rowsFor(peer, loadSet(set)).asked };
  return { ...opened, loadSeconds };
}

async function contenderOf(name: string): Promise<Peer> {
  const peer = (await contenders()).find((candidate) => candidate.name === name);
  if (!peer) throw new Error(`no contender ${name}`);
  return peer;
}

async function describe(peer: Peer, index: AnyIndex, dim: number, before: number): Promise<Opened> {
  const efforts = KS.map((k) => {
    const own = index.effortsFor?.(k) ?? peer.efforts.filter((effort) => peer.dial !== "ef" || effort >= k);
    const label = (effort: number): string =>
      index.describe?.(k, effort) ?? (peer.dial ? `${peer.dial} ${effort}` : "");
    return { k, efforts: own.map((effort) => ({ effort, label: label(effort) })) };
  });
  if ("burst" in index) return { bytes: index.bytes, memoryBytes: index.memoryBytes, efforts };
  // Memory that a first search allocates belongs to the index too.
  index.search(new Float32Array(dim).fill(1), 10, efforts[0]?.efforts[0]?.effort ?? 1);
  return { bytes: index.bytes, memoryBytes: (await residentBytes()) - before, efforts };
}

/**
 * Returns the resident memory of this process, without garbage and without V8's heap, which holds no index. Native memory is
 * freed on the next turns of the event loop.
 */
async function residentBytes(): Promise<number> {
  for (let turn = 0; turn < 2; turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, heapTotal } = process.memoryUsage();
  return rss - heapTotal;
}

interface Prepared {
  readonly given: Parameters<Peer["build"]>;
  readonly asked: readonly Asked[];
}

/** Returns the rows and queries for the peer. If there are biases and the peer takes none, they have further coordinates. */
function rowsFor(peer: Peer, { data, count, dim, metric, known, asked }: RowSet): Prepared {
  if (!known.bias || peer.takesBias) {
    return { given: [data, count, dim, metric, known], asked };
  }
  const { data: wider, width } = equallyLong(data, dim, known.bias);
  const longer = asked.map((one) => ({ ...one, queries: one.queries.map(queryOfThem) }));
  return { given: [wider, count, width, metric], asked: longer };
}

/** Returns the result and the CPU seconds of this thread, without time on the disk or of other programs on the core. */
async function timed<T>(run: () => Promise<T>): Promise<[T, number]> {
  const start = threadMicroseconds();
  const result = await run();
  return [result, (threadMicroseconds() - start) / 1e6];
}

async function searchBurst({ kind, k, effort, from, to }: Search): Promise<Burst> {
  const asked = found?.asked.find((one) => one.kind === kind);
  if (!found || !asked) throw new Error(`nothing is built yet, or no queries are "${kind}"`);
  const { index } = found;
  const queries = asked.queries.slice(from, to);
  const how = { k, effort, warmUp: WARM_UP, batch: BATCH };
  const { answers, micros } = "burst" in index ? await index.burst(queries, how) : burst(index, queries, k, effort);
  let hits = 0;
  for (const [i, answer] of answers.entries()) {
    const best = new Set(asked.neighbours[from + i]?.subarray(0, k));
    hits += new Set(Array.from(answer).filter((id) => best.has(id))).size;
  }
  return { hits, micros };
}

function burst(index: PeerIndex, queries: readonly Float32Array[], k: number, effort: number) {
  const search = (q: number): ArrayLike<number> => index.search(queries[q] as Float32Array, k, effort);
  for (let q = 0; q < WARM_UP; q++) search(q);
  const micros: number[] = [];
  const answers: ArrayLike<number>[] = [];
  for (let first = 0; first < queries.length; first += BATCH) {
    const start = threadMicroseconds();
    for (let q = first; q < first + BATCH; q++) answers.push(search(q));
    micros.push((threadMicroseconds() - start) / BATCH);
  }
  return { answers, micros };
}

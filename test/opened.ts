import { describe } from "vitest";
import * as structs from "../build/structs.ts";
import { blockBytes } from "../src/batch/block-instance.ts";
import { grow } from "../src/memory/grow.ts";
import type { Modules } from "../src/memory/kernels.ts";
import { type IndexWithAllKernels, openIndex } from "../src/memory/opened-index.ts";
import { BATCH_BASE, BUILDS, QUERY_BASE, SCAN_BASE } from "./modules.ts";
import { type DerivedIndex, derive } from "./reference/buckets.ts";
import type { ReferenceIndex } from "./reference/reference-index.ts";
import type { Conditions } from "./reference/weights.ts";
import { EVERY } from "./size.ts";
import { indexFile } from "./tiny-index.ts";

/** describeKernels for suites that open indexes. */
export function describeBuilds(name: string, suite: (modules: Modules) => void): void {
  if (EVERY) describe(`${name}, debug build`, () => suite(BUILDS.debug));
  describe(`${name}, release build`, () => suite(BUILDS.release));
}

/** Like describeBuilds, with every build of the scan module. */
export function describeScanBuilds(name: string, suite: (modules: Modules) => void): void {
  describeBuilds(name, suite);
  describe(`${name}, relaxed build`, () => suite(BUILDS.relaxed));
}

/** The file of each index, which both builds open under many conditions. No test changes an index once it is open. */
const FILES = new WeakMap<ReferenceIndex, Uint8Array<ArrayBuffer>>();

/** Opens an index with one build of the kernels and makes its weights for `conditions`. */
export async function openTiny(
  modules: Modules,
  index: ReferenceIndex,
  conditions: Conditions = {},
): Promise<OpenedTiny> {
  const maxScan = Math.max(1, index.facts.itemCount);
  const limits = { maxBytes: 2 ** 28, maxBatch: 1, maxDraws: 4096, maxK: 64, maxScan, maxChanged: 64, maxDelta: 0 };
  const file = FILES.get(index) ?? indexFile(index);
  FILES.set(index, file);
  const opened = await openIndex(modules, file, limits);
  const derived = derive(index, conditions);
  writeConditions(opened.kernels, opened.plan.layout, opened.plan.regions.excluded, derived);
  opened.kernels.countBuckets(opened.plan.layout, 0, 0);
  opened.kernels.weighBuckets(opened.plan.layout, 0, 0);
  return new OpenedTiny(opened, derived);
}

/** Writes temperature and filter to the Layout, and the filter's bits to `address`. The caller makes the weights. */
export function writeConditions(
  { memory }: IndexWithAllKernels["kernels"],
  layout: number,
  address: number,
  { facts, inverseTemperature, place, excluded, allowedCount, allowedOutliers }: DerivedIndex,
): void {
  const fields = new DataView(memory.buffer, layout);
  fields.setFloat32(structs.LAYOUT_INVERSE_TEMPERATURE, inverseTemperature, true);
  fields.setFloat32(structs.LAYOUT_KNOT_LOW, place.low, true);
  fields.setFloat32(structs.LAYOUT_KNOT_HIGH, place.high, true);
  fields.setFloat32(structs.LAYOUT_LOW_PART, place.lowPart, true);
  fields.setFloat32(structs.LAYOUT_HIGH_PART, place.highPart, true);
  fields.setFloat32(structs.LAYOUT_SHARE_SCALE, place.shares, true);
  fields.setUint32(structs.LAYOUT_ALLOWED_COUNT, allowedCount, true);
  fields.setUint32(structs.LAYOUT_ALLOWED_OUTLIERS, allowedOutliers, true);
  fields.setUint32(structs.LAYOUT_EXCLUDED, excluded.size > 0 ? address : 0, true);
  const bits = new Uint8Array(memory.buffer, address, Math.ceil(facts.itemCount / 8)).fill(0);
  for (const position of excluded) bits[position >> 3] = (bits[position >> 3] as number) | (1 << (position & 7));
}

/** The regions that belong to the index. A query writes the others. */
const DERIVED: readonly string[] = [
  ...["positions", "excluded", "bucketSlots", "topPositions", "fewRates"],
  ...["groupLogWeights", "groupBlocks", "groupBuckets", "blockColumns"],
  ...["slotWeights", "slotRates", "slotCounts", "slotBuckets", "slotLogWeights", "slotLogRates", "slotDispersions"],
  "blockDispersions",
  ...["slotRadii", "slotTops", "residualNorms", "groupStarts", "groupTops", "codeErrors", "codeBiases"],
];
const SCRATCH = (Object.keys(structs.LAYOUT_REGIONS) as structs.LayoutRegion[]).filter(
  (name) => !DERIVED.includes(name),
);

/** Scratch regions that must start as zeros: the padding of a query, and the words in front of prefix sums. */
const ZEROED: readonly structs.LayoutRegion[] = [
  "query",
  "subQuery1",
  "subQuery2",
  "fixedQuery",
  "prefixSums",
  "taken",
  "shareStamps",
  "filterBits",
];

const GUARD_BYTES = 64;
const FILL = 0xa5;

type NumberArray = Int8Array | Uint8Array | Int16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/**
 * The kernels with an index as the library lays it out, and the same index for the reference. Everything that a query
 * writes is moved behind it, with garbage inside and guards between, so that no result depends on what was there
 * before:
 *
 *   │ as the library opened it │ guard │ scratch region │ guard │ scratch region │ guard │ … │
 */
export class OpenedTiny {
  readonly opened: IndexWithAllKernels;
  readonly kernels: IndexWithAllKernels["kernels"];
  readonly layout: number;
  readonly index: DerivedIndex;
  readonly #regions: Record<structs.LayoutRegion, number>;
  readonly #scratch: { readonly begin: number; readonly end: number }[] = [];
  readonly #before: Uint8Array;

  constructor(opened: IndexWithAllKernels, index: DerivedIndex) {
    const { kernels, plan } = opened;
    this.opened = opened;
    const end = plan.totalBytes - (opened.batches ? blockBytes(index.facts) : 0);
    this.kernels = kernels;
    this.layout = plan.layout;
    this.index = index;
    this.#regions = { ...plan.regions };
    const boundaries = [...Object.values(plan.regions), end];
    const endOf = (begin: number) => Math.min(...boundaries.filter((boundary) => boundary > begin));
    const moved = new Map<number, number>();
    let top = plan.totalBytes + GUARD_BYTES;
    this.#scratch.push({ begin: BATCH_BASE, end: QUERY_BASE });
    this.#scratch.push({ begin: SCAN_BASE, end: kernels.heapBase() }, { begin: end, end: plan.totalBytes });
    for (const name of SCRATCH) {
      const from = plan.regions[name];
      if (!moved.has(from)) {
        const end = top + endOf(from) - from;
        this.#scratch.push({ begin: top, end });
        moved.set(from, top);
        top = end + GUARD_BYTES;
      }
      this.#regions[name] = moved.get(from) as number;
    }
    grow(kernels, top);
    const bytes = new Uint8Array(kernels.memory.buffer);
    bytes.fill(FILL, end);
    const fields = new DataView(kernels.memory.buffer, plan.layout);
    for (const name of SCRATCH) fields.setUint32(structs.LAYOUT_REGIONS[name], this.#regions[name], true);
    for (const name of ZEROED) {
      const begin = this.#regions[name];
      bytes.fill(0, begin, this.#scratch.find((region) => region.begin === begin)?.end);
    }
    this.#before = bytes.slice();
  }

  address(region: structs.LayoutRegion): number {
    return this.#regions[region];
  }

  /** Returns a copy of the first `count` values of a region. */
  read<T extends NumberArray>(
    type: { new (buffer: ArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
    region: structs.LayoutRegion,
    count: number,
  ): T {
    const begin = this.address(region);
    return new type(this.kernels.memory.buffer.slice(begin, begin + count * type.BYTES_PER_ELEMENT));
  }

  /** Overwrites the start of a region. */
  write(region: structs.LayoutRegion, values: NumberArray): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.kernels.memory.buffer).set(bytes, this.address(region));
  }

  /** Writes a raw query, as the library does before any kernel that takes one. */
  ask(query: Float32Array): void {
    this.write("query", query);
    this.kernels.prepareQuery(this.layout);
  }

  /** Returns a field of the search's state, structs.SEARCH_…, except the hash. */
  search(field: number): number {
    return new DataView(this.kernels.memory.buffer).getFloat64(this.address("search") + field, true);
  }

  setSearch(field: number, value: number): void {
    new DataView(this.kernels.memory.buffer).setFloat64(this.address("search") + field, value, true);
  }

  queryHash(): bigint {
    return new DataView(this.kernels.memory.buffer).getBigUint64(
      this.address("search") + structs.SEARCH_QUERY_HASH,
      true,
    );
  }

  /** Returns the addresses outside the scratch regions whose bytes have changed since the index was opened. */
  strayWrites(): number[] {
    const now = new Uint8Array(this.kernels.memory.buffer);
    const [words, wordsBefore] = [new Uint32Array(now.buffer), new Uint32Array(this.#before.buffer)];
    const stray: number[] = [];
    let from = 0;
    for (const { begin, end } of [...this.#scratch, { begin: now.length, end: now.length }]) {
      for (let at = from & ~3; at < begin; at += 4) {
        if (words[at >> 2] === wordsBefore[at >> 2]) continue;
        for (let byte = Math.max(at, from); byte < Math.min(at + 4, begin); byte++) {
          if (now[byte] !== this.#before[byte]) stray.push(byte);
        }
      }
      from = end;
    }
    return stray;
  }
}

import { describe } from "vitest";
import debug from "../build/query.debug.wasm";
import release from "../build/query.wasm";
import * as abi from "../src/abi.ts";
import { grow } from "../src/memory.ts";
import { type OpenedIndex, openIndex } from "../src/opened-index.ts";
import { REGION_FIELDS, type RegionName } from "../src/plan.ts";
import { type DerivedIndex, derive } from "./reference/buckets.ts";
import type { ReferenceIndex } from "./reference/reference-index.ts";
import { indexFile } from "./tiny-index.ts";

/** Runs `suite` with each build of the query module: describeKernels for suites that open indexes. */
export function describeBuilds(name: string, suite: (module: WebAssembly.Module) => void): void {
  describe(`${name}, debug build`, () => suite(debug));
  describe(`${name}, release build`, () => suite(release));
}

/** Opens an index with one build of the kernels. */
export async function openTiny(module: WebAssembly.Module, index: ReferenceIndex): Promise<OpenedTiny> {
  const maxScan = Math.max(1, index.facts.itemCount);
  const limits = { maxBytes: 2 ** 28, maxBatch: 1, maxDraws: 4096, maxK: 64, maxScan };
  return new OpenedTiny(await openIndex(module, indexFile(index), limits), derive(index));
}

/** Regions that belong to the index; a query writes the others. */
const DERIVED: readonly string[] = [
  ...["positions", "shares", "shareGuides", "bucketLogWeights", "groupLogWeights", "groupBlocks", "blockColumns"],
  ...["slotWeights", "slotRates", "slotCounts", "slotBuckets"],
];
const SCRATCH = (Object.keys(REGION_FIELDS) as RegionName[]).filter((name) => !DERIVED.includes(name));

/** Scratch that has to start as zeros: what pads a query, the words in front of prefix sums. */
const ZEROED: readonly RegionName[] = ["query", "subQuery1", "subQuery2", "fixedQuery", "prefixSums"];

const GUARD_BYTES = 64;
const FILL = 0xa5;

type NumberArray = Int8Array | Uint8Array | Int16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/**
 * The kernels over an index as the library lays it out, beside the same index for the reference. Everything a query
 * writes is moved behind it, with garbage inside and guards between, so that no result rests on what was there before:
 *
 *   │ as the library opened it │ guard │ scratch region │ guard │ scratch region │ guard │ … │
 */
export class OpenedTiny {
  readonly kernels: OpenedIndex["kernels"];
  readonly layout: number;
  readonly index: DerivedIndex;
  readonly #regions: Record<RegionName, number>;
  readonly #scratch: { readonly begin: number; readonly end: number }[] = [];
  readonly #before: Uint8Array;

  constructor({ kernels, plan }: OpenedIndex, index: DerivedIndex) {
    this.kernels = kernels;
    this.layout = plan.layout;
    this.index = index;
    this.#regions = { ...plan.regions };
    const boundaries = [...Object.values(plan.regions), plan.totalBytes];
    const endOf = (begin: number) => Math.min(...boundaries.filter((boundary) => boundary > begin));
    const moved = new Map<number, number>();
    let top = plan.totalBytes + GUARD_BYTES;
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
    bytes.fill(FILL, plan.totalBytes);
    const fields = new DataView(kernels.memory.buffer, plan.layout);
    for (const name of SCRATCH) fields.setUint32(REGION_FIELDS[name], this.#regions[name], true);
    for (const name of ZEROED) {
      const begin = this.#regions[name];
      bytes.fill(0, begin, this.#scratch.find((region) => region.begin === begin)?.end);
    }
    this.#before = bytes.slice();
  }

  address(region: RegionName): number {
    return this.#regions[region];
  }

  /** A copy of the first `count` values of a region. */
  read<T extends NumberArray>(
    type: { new (buffer: ArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
    region: RegionName,
    count: number,
  ): T {
    const begin = this.address(region);
    return new type(this.kernels.memory.buffer.slice(begin, begin + count * type.BYTES_PER_ELEMENT));
  }

  /** Overwrites the start of a region. */
  write(region: RegionName, values: NumberArray): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.kernels.memory.buffer).set(bytes, this.address(region));
  }

  /** A field of the search's state, abi.SEARCH_…; not the hash. */
  search(field: number): number {
    return new DataView(this.kernels.memory.buffer).getFloat64(this.address("search") + field, true);
  }

  setSearch(field: number, value: number): void {
    new DataView(this.kernels.memory.buffer).setFloat64(this.address("search") + field, value, true);
  }

  queryHash(): bigint {
    return new DataView(this.kernels.memory.buffer).getBigUint64(this.address("search") + abi.SEARCH_QUERY_HASH, true);
  }

  /** Addresses outside of the scratch regions whose bytes have changed since the index was opened. */
  strayWrites(): number[] {
    const now = new Uint8Array(this.kernels.memory.buffer.slice(0));
    for (const { begin, end } of this.#scratch) now.set(this.#before.subarray(begin, end), begin);
    const stray: number[] = [];
    for (const [address, byte] of now.entries()) if (byte !== this.#before[address]) stray.push(address);
    return stray;
  }
}

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

/** What a query writes; the other regions belong to the index. */
const SCRATCH: readonly RegionName[] = [
  "query", "subQuery1", "subQuery2", "fixedQuery", "subScores1", "subScores2", "secondWeights", "groupScales",
  "slotMasses", "slotKeys", "blockMaxima", "blockSums", "groupPrefix", "candidateSlots", "candidateKeys",
  "candidateCounts", "headBuckets", "headSlots", "headPositions", "headScores", "headPrefix", "drawPositions", "random",
  "prefixSums", "drawScores", "drawLogQ", "topIds", "topScores", "search",
]; // biome-ignore format: a list

/** Scratch that has to start as zeros: what pads a query, the words in front of prefix sums. */
const ZEROED: readonly RegionName[] = ["query", "subQuery1", "subQuery2", "fixedQuery", "prefixSums"];

const GUARD_BYTES = 64;
const FILL = 0xa5;

/** Opens an index with one build of the kernels. */
export async function openTiny(module: WebAssembly.Module, index: ReferenceIndex): Promise<OpenedTiny> {
  const maxScan = Math.max(1, index.facts.itemCount);
  const limits = { maxBytes: 2 ** 28, maxBatch: 1, maxDraws: 4096, maxK: 64, maxScan };
  return new OpenedTiny(await openIndex(module, indexFile(index), limits), derive(index));
}

/**
 * The kernels over an index as the library lays it out, beside the same index for the reference. Everything that a query
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
    const ends = [...new Set(Object.values(plan.regions)), plan.totalBytes].sort((a, b) => a - b);
    let top = plan.totalBytes + GUARD_BYTES;
    const moved = new Map<number, number>();
    for (const name of SCRATCH) {
      const from = plan.regions[name];
      const byteLength = (ends.find((end) => end > from) as number) - from;
      if (moved.has(from)) continue; // parts of the query that are the query
      moved.set(from, top);
      this.#scratch.push({ begin: top, end: top + byteLength });
      top += byteLength + GUARD_BYTES;
    }
    grow(kernels, top);
    const bytes = new Uint8Array(kernels.memory.buffer);
    bytes.fill(FILL, plan.totalBytes, top);
    const fields = new DataView(kernels.memory.buffer, plan.layout);
    for (const name of SCRATCH) {
      this.#regions[name] = moved.get(plan.regions[name]) as number;
      fields.setUint32(REGION_FIELDS[name], this.#regions[name], true);
      if (ZEROED.includes(name)) bytes.fill(0, this.#regions[name], this.#scratch.find(({ begin }) => begin === this.#regions[name])?.end);
    }
    this.#before = bytes.slice();
  }

  address(region: RegionName): number {
    return this.#regions[region];
  }

  /** First `count` values of a region: a copy. */
  f32(region: RegionName, count: number): Float32Array {
    return new Float32Array(this.kernels.memory.buffer, this.address(region), count).slice();
  }

  i32(region: RegionName, count: number): Int32Array {
    return new Int32Array(this.kernels.memory.buffer, this.address(region), count).slice();
  }

  u32(region: RegionName, count: number): Uint32Array {
    return new Uint32Array(this.kernels.memory.buffer, this.address(region), count).slice();
  }

  i16(region: RegionName, count: number): Int16Array {
    return new Int16Array(this.kernels.memory.buffer, this.address(region), count).slice();
  }

  u8(region: RegionName, count: number): Uint8Array {
    return new Uint8Array(this.kernels.memory.buffer, this.address(region), count).slice();
  }

  f64(region: RegionName, count: number): Float64Array {
    return new Float64Array(this.kernels.memory.buffer, this.address(region), count).slice();
  }

  /** Overwrites the start of a region. */
  write(region: RegionName, values: Float32Array | Int32Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.kernels.memory.buffer).set(bytes, this.address(region));
  }

  /** A field of the search's state. */
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
    const now = new Uint8Array(this.kernels.memory.buffer).slice();
    for (const { begin, end } of this.#scratch) now.set(this.#before.subarray(begin, end), begin);
    return Array.from(now.keys()).filter((address) => now[address] !== this.#before[address]);
  }
}

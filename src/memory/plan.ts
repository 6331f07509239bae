import { LAYOUT_BYTES, type LayoutRegion, layoutRegionBytes } from "../../build/structs.ts";
import { BLOCK_SLOTS, CODE_BLOCK, HEAD_CODES, LARGEST_THINNED, MOST_THINNED_DRAWS, SLACK } from "../abi.ts";
import type { IndexFacts } from "../format/facts.ts";
import type { IndexHeader } from "../format/header.ts";
import { paddedCodeword } from "../format/tensor-spec.ts";
import { codebookDims, fineCount, paddedRow } from "../format/tensors.ts";
import { hasKnots, type KeptTables, keptTables } from "./kept-tables.ts";
import { addedPositions, roomBytes } from "./room.ts";

/**
 * The limits of calls. Memory is laid out for the largest call, and a call above a limit is a RangeError that names it.
 */
export interface Limits {
  /**
   * The largest WebAssembly memory in bytes, with file and scratch space. `load` throws a RangeError for an index that
   * needs more. Default 2 GiB; 120 MiB in Cloudflare Workers, whose isolates have 128 MB.
   */
  readonly maxBytes: number;
  /** The largest `batch`. Default 256. */
  readonly maxBatch: number;
  /** The largest number of draws for one query. Default 4,096. */
  readonly maxDraws: number;
  /**
   * The largest k for one query. An index with no more classes than this returns all of them for any k. Default 16,384.
   */
  readonly maxK: number;
  /**
   * The largest head budget for one query, in classes: `scan`, and `rescore` of topK. An index with no more classes
   * than this accepts any. Default 65,536.
   */
  readonly maxScan: number;
  /** The largest number of classes whose logits may be changed for one query: by `bias`, and by penalties. Default 4,096. */
  readonly maxChanged: number;
  /**
   * The largest number of rows that changes may hold (midx/changes), and of labels that they may add. Default 0: the index
   * takes no changes.
   */
  readonly maxDelta: number;
}

/**
 * Memory of one index:
 *
 *   0           heapBase   layout   file                          derived, scratch        end
 *   ├───────────┼──────────┼────────┼─────────────────────────────┼───────────────────────┤
 *   │ constants │ pad      │ fields │ header, tensors: as on disk │ tables, query, draws… │
 */
export interface MemoryPlan extends KeptTables {
  /** The address of the Layout. */
  readonly layout: number;
  /** The address of the first byte of the file; a multiple of 16. */
  readonly file: number;
  /** The address of each pointer field of Layout; 0 for a field that this index lacks. */
  readonly regions: Readonly<Record<LayoutRegion, number>>;
  readonly totalBytes: number;
  /** The number of classes of the file. Changes may add positions up to `capacity`, and ids up to it. */
  readonly itemCount: number;
  readonly capacity: number;
  /** The number of values that the draw buffers hold. */
  readonly drawCapacity: number;
  /** The largest number of draws for one query. */
  readonly maxDraws: number;
  /** The largest head budget, in classes. */
  readonly maxScan: number;
  /** The number of blocks of slots that there is room for. */
  readonly blocks: number;
}

export const align16 = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** Places regions of these sizes in bytes end to end from an address on, each at a multiple of 16. Returns their end, too. */
export function placeRegions<Name extends string>(
  bytes: Readonly<Record<Name, number>>,
  address: number,
): { readonly regions: Record<Name, number>; readonly end: number } {
  const regions = {} as Record<Name, number>;
  let end = address;
  for (const name of Object.keys(bytes) as Name[]) {
    regions[name] = end;
    end += align16(bytes[name]);
  }
  return { regions, end };
}

/**
 * Returns the largest size of the tables that are kept from call to call, beyond the least that works, as a part of the file.
 * An index with knots keeps portions too.
 */
const keptShare = (facts: IndexFacts): number => (hasKnots(facts) ? 0.55 : 0.45);

const CACHE_LINE = 64;
/** The most that is left free in front of a file. It is always planned, as the place of rows follows from more than facts. */
const MOST_LEAD = CACHE_LINE - 16;

/**
 * Returns what is left free in front of a file, a multiple of 16, so that rows which would begin at `rows` begin a cache line. Rows
 * of 64 bytes that lie across two lines take a tenth longer where calls score scattered ones.
 */
const leadOf = (rows: number): number => (rows % 16 === 0 ? (CACHE_LINE - (rows % CACHE_LINE)) % CACHE_LINE : 0);

/** The facts that a plan follows from. The places of tensors only move the file by a few bytes. */
type PlannedHeader = Pick<IndexHeader, "facts" | "fileBytes"> & Partial<Pick<IndexHeader, "tensors">>;

/**
 * Plans the memory of an index. It has no side effects. It keeps as many tables from call to call as there is room for,
 * because no answer depends on them. `behind` bytes behind all regions are left to others. RangeError if the index does not
 * fit into limits.maxBytes.
 */
export function planMemory(header: PlannedHeader, limits: Limits, heapBase: number, behind = 0): MemoryPlan {
  const plans = keptTables(header.facts).map((kept) => planWith(header, limits, heapBase, kept, behind));
  const least = plans.at(-1) as MemoryPlan;
  const most = Math.min(limits.maxBytes, least.totalBytes + keptShare(header.facts) * header.fileBytes);
  const plan = plans.find(({ totalBytes }) => totalBytes <= most);
  if (plan) return plan;
  const [needs, limit] = [mebibytes(least.totalBytes), mebibytes(limits.maxBytes)];
  throw new RangeError(
    `index needs ${needs}, limit is ${limit} (maxBytes): raise it, lower other limits, or build smaller rows`,
  );
}

/** Returns the bytes of the smallest plan of an index, which keeps the fewest tables from call to call. */
export const leastBytes = (
  header: Pick<IndexHeader, "facts" | "fileBytes">,
  limits: Omit<Limits, "maxBytes">,
  heapBase: number,
): number => planWith(header, limits, heapBase, keptTables(header.facts).at(-1) as KeptTables, 0).totalBytes;

function planWith(
  { facts, fileBytes, tensors }: PlannedHeader,
  limits: Omit<Limits, "maxBytes">,
  heapBase: number,
  kept: KeptTables,
  behind: number,
): MemoryPlan {
  const sizes = sizesOf(facts, limits, kept);
  const layout = align16(heapBase);
  const behindLayout = layout + align16(LAYOUT_BYTES);
  const file = behindLayout + leadOf(behindLayout + (tensors?.rows?.begin ?? 0));
  const { regions, end } = placeRegions(
    layoutRegionBytes(sizes),
    behindLayout + MOST_LEAD + align16(fileBytes + roomBytes(facts, addedPositions(limits.maxDelta))),
  );
  if (facts.quantizer === "rq") {
    regions.subQuery1 = regions.query;
    regions.subQuery2 = regions.query;
  }
  const { maxDraws, maxScan } = limits;
  const { draws: drawCapacity, blocks } = sizes;
  const totalBytes = end + behind;
  const classes = { itemCount: facts.itemCount, capacity: sizes.N };
  return { layout, file, regions, totalBytes, ...classes, drawCapacity, maxDraws, maxScan, blocks, ...kept };
}

/** Returns the bytes of a filter: a bit for each class, in whole words of 64 bits. */
export const filterBytes = (itemCount: number): number => 8 * Math.ceil(itemCount / 64);

/** Returns the sizes that the shapes of the regions of Layout name (assembly/layout.ts). */
function sizesOf(
  facts: IndexFacts,
  limits: Omit<Limits, "maxBytes">,
  kept: KeptTables,
): Parameters<typeof layoutRegionBytes>[0] {
  const { bucketCount: B } = facts;
  const added = addedPositions(limits.maxDelta);
  const N = facts.itemCount + added;
  const apart = (facts.outliers?.count ?? 0) + added;
  const K = 2 ** facts.bits;
  const k = Math.min(limits.maxK, N);
  const listed = Math.min(Math.max(limits.maxScan, k), N);
  const changed = Math.min(limits.maxChanged, N);
  const [dim1, dim2] = codebookDims(facts);
  const fine = facts.hasFineCodes ? 1 : 0;
  const headCodes = facts.dispersion ? fine * HEAD_CODES : 0; // whatever the limits (answers/by-buckets.ts)
  return {
    N,
    B,
    K,
    k,
    fine,
    changed,
    filterBytes: filterBytes(N),
    ...kept,
    filters: kept.weightTables + 1 + kept.shareTables,
    mixed: hasKnots(facts) && kept.shareTables === 1 ? facts.largestBucket : 0,
    changedSlots: 2 ** (32 - Math.clz32(2 * Math.max(changed, 1) - 1)),
    paddedK: Math.ceil(K / 4) * 4,
    paddedB: Math.ceil(B / 4) * 4,
    // A group has at most K / 32 blocks of slots, and no more blocks than buckets.
    blocks: Math.min(K * Math.ceil(K / BLOCK_SLOTS), B),
    head: Math.min(N, Math.max(listed, LARGEST_THINNED) + headCodes + facts.largestBucket + apart + changed),
    draws: Math.max(limits.maxDraws, MOST_THINNED_DRAWS, apart),
    rowValues: Math.max(paddedRow(facts), paddedCodeword(facts.dim), 16),
    codeword1: paddedCodeword(dim1),
    codeword2: paddedCodeword(dim2),
    dispersed: facts.dispersion ? 1 : 0,
    halves: facts.quantizer === "rq" ? 0 : 1,
    fineBias: facts.hasBias ? fine : 0,
    fineCount: fineCount(facts),
    // The reservoir is cut after a block that brings it to twice the number kept, and the last quad written may extend
    // beyond it.
    reservoir: 2 * Math.max(listed, headCodes) + CODE_BLOCK + SLACK,
  };
}

const mebibytes = (bytes: number): string => `${(Math.ceil(bytes / 2 ** 20 / 0.1) / 10).toFixed(1)} MiB`;

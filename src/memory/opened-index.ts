import * as structs from "../../build/structs.ts";
import * as abi from "../abi.ts";
import { type ByteSource, type IndexSource, openSource } from "../bytes/byte-source.ts";
import { FormatError } from "../bytes/format-error.ts";
import { sha256 } from "../bytes/sha256.ts";
import type { IndexFacts } from "../format/facts.ts";
import { headerLength, type IndexHeader, parse } from "../format/header.ts";
import { paddedCodeword, type TensorName } from "../format/tensor-spec.ts";
import { codebookDims, fineCount, rowBytes } from "../format/tensors.ts";
import type { BatchReader } from "./batch-reader.ts";
import { checksumWith } from "./checksum.ts";
import { Conditions } from "./conditions.ts";
import type { Delta } from "./delta.ts";
import { type ErrorBars, errorBarsOf } from "./error-bars.ts";
import { grow } from "./grow.ts";
import { instantiate, type Kernels, type Modules, type WeightReader } from "./kernels.ts";
import { type Limits, type MemoryPlan, planMemory } from "./plan.ts";
import type { PopularityMasses } from "./popularity-masses.ts";
import { addedPositions } from "./room.ts";
import { validateTensors } from "./validate.ts";

/** An instance with a validated index in its memory, ready for kernels that take the address of its Layout. */
export interface OpenedIndex {
  /** The kernels that read no weights. The others come from `weighed`. */
  readonly kernels: Omit<Kernels, WeightReader | "weighBuckets" | "weighSlots">;
  /** The header of the file. Changes write to it the places of tensors in memory and, as outliers, the rows that they added. */
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
  /** The SHA-256 of the header, 64 hex digits. The header holds the checksum of every tensor. */
  readonly contentId: string;
  /** The state of the last query, indexed by structs.SEARCH_… / 8. */
  readonly search: Float64Array;
  /** The memory, indexed by address / 4. Making a view for each answer would take longer than copying its values. */
  readonly integers: Int32Array;
  readonly floats: Float32Array;
  /** The temperature and the filter in place. */
  readonly conditions: Conditions;
  /** The rule of error bars. Changes may bring a longer row than the file has. */
  errorBars: ErrorBars;
  /** The norms that bounds need are measured. This takes O(N·D), so it waits until they are needed. */
  hasResiduals: boolean;
  /** Answers batches. Undefined where each query of a batch is answered alone. */
  batches?: BatchReader | undefined;
  /** The masses of classes by the power of popularity that was asked for last. */
  popularity?: PopularityMasses | undefined;
  /** The effects of changes on the classes of the file. Undefined until there are changes. */
  delta?: Delta;
}

/** The functions that an index needs to answer batches together. A Worker carries none of them (src/batch). */
export interface Batches {
  /** Returns the bytes of memory behind everything else that it takes, with room for `added` rows. */
  readonly bytes: (facts: IndexFacts, added: number) => number;
  readonly over: (opened: OpenedIndex) => BatchReader;
  /** The memory that the modules import, where threads share it. */
  readonly memory?: WebAssembly.Memory;
}

/** An index as it is opened. An OpenedIndex hides the kernels that must not run before the call's weights are in place. */
export interface IndexWithAllKernels extends OpenedIndex {
  readonly kernels: Kernels;
}

/** Reads a number from the state of the last query. */
export const read = ({ search }: Pick<OpenedIndex, "search">, field: number): number => search[field / 8] as number;

export function write({ search }: Pick<OpenedIndex, "search">, field: number, value: number): void {
  search[field / 8] = value;
}

type LayoutTensor = keyof typeof structs.LAYOUT_TENSORS;
/** The tensors whose names are not those of their fields of Layout. */
const SECTION_TENSORS: Readonly<Partial<Record<LayoutTensor, TensorName>>> = {
  dispersionBuckets: "dispersion.buckets",
  dispersionDirections: "dispersion.directions",
  residualRows: "residuals.rows",
};

const ROW_TYPES = { f32: abi.ROWS_F32, f16: abi.ROWS_F16, i8: abi.ROWS_I8 } as const;

/**
 * Reads a file into a fresh instance: header, plan, one growth of memory, one copy, validation, derived tables.
 * FormatError for a bad file, and RangeError if it needs more than limits.maxBytes. The instance is then freed.
 */
export async function openIndex(
  modules: Modules,
  source: IndexSource,
  limits: Limits,
  batches?: Batches,
): Promise<IndexWithAllKernels> {
  const bytes = openSource(source);
  try {
    return await readIndex(modules, bytes, limits, batches);
  } catch (error) {
    bytes.cancel();
    throw error;
  }
}

async function readIndex(
  modules: Modules,
  bytes: ByteSource,
  limits: Limits,
  batches: Batches | undefined,
): Promise<IndexWithAllKernels> {
  const kernels = instantiate(modules, batches?.memory);
  const headerBytes = await readHeader(bytes);
  const header = parse(headerBytes, bytes.byteLength, checksumWith(kernels));
  const plan = planMemory(
    header,
    limits,
    kernels.heapBase(),
    batches?.bytes(header.facts, addedPositions(limits.maxDelta)),
  );
  grow(kernels, plan.totalBytes);
  const file = new Uint8Array(kernels.memory.buffer, plan.file, header.fileBytes);
  file.set(headerBytes);
  await readTensors(bytes, header, file);
  const index = opened(kernels, header, plan, await sha256(headerBytes));
  index.batches = batches?.over(index);
  return index;
}

/**
 * Opens a file in memory synchronously, under the given `contentId`, because computing that takes time. For an index
 * that its maker keeps private.
 */
export function openBytes(modules: Modules, bytes: Uint8Array, limits: Limits, contentId: string): OpenedIndex {
  const kernels = instantiate(modules);
  const headerBytes = bytes.subarray(0, headerLength(bytes.subarray(0, 8), bytes.byteLength));
  const header = parse(headerBytes, bytes.byteLength, checksumWith(kernels));
  const plan = planMemory(header, limits, kernels.heapBase());
  grow(kernels, plan.totalBytes);
  new Uint8Array(kernels.memory.buffer, plan.file, header.fileBytes).set(bytes);
  return opened(kernels, header, plan, contentId);
}

/** Validates the tensors in memory and derives the tables that queries need. */
function opened(kernels: Kernels, header: IndexHeader, plan: MemoryPlan, contentId: string): IndexWithAllKernels {
  validateTensors(kernels, header, plan);
  writeLayout(kernels, header, plan);
  setField(kernels, plan, structs.LAYOUT_BLOCK_COUNT, kernels.layOutSlots(plan.layout));
  kernels.countBuckets(plan.layout, 0, 0);
  if (plan.knotTables > 0) weighAtOne(kernels, plan);
  else kernels.weighBuckets(plan.layout, 0, 0);
  if (header.facts.hasFineCodes) kernels.layOutGroups(plan.layout);
  return {
    kernels,
    header,
    plan,
    contentId,
    search: new Float64Array(kernels.memory.buffer, plan.regions.search, structs.SEARCH_BYTES / 8),
    integers: new Int32Array(kernels.memory.buffer),
    floats: new Float32Array(kernels.memory.buffer),
    conditions: new Conditions(header.facts.itemCount),
    errorBars: errorBarsOf(kernels.memory, header, plan),
    hasResiduals: false,
  };
}

/** Weighs all buckets at the knot of T = 1, which then has its table. */
function weighAtOne(kernels: Kernels, { layout, regions }: MemoryPlan): void {
  kernels.weighKnot(layout, 1, regions.knots);
  kernels.weighSlots(layout, regions.knots, regions.knots);
}

async function readHeader(bytes: ByteSource): Promise<Uint8Array<ArrayBuffer>> {
  const first = new Uint8Array(8);
  const got = await bytes.fill(first);
  const header = new Uint8Array(headerLength(first.subarray(0, got), bytes.byteLength));
  header.set(first);
  const rest = 8 + (await bytes.fill(header.subarray(8)));
  if (rest < header.byteLength) {
    throw new FormatError(
      "file-truncated",
      rest,
      `the header has ${header.byteLength} bytes, the file ends at ${rest}`,
    );
  }
  return header;
}

async function readTensors(bytes: ByteSource, header: IndexHeader, file: Uint8Array): Promise<void> {
  const end = header.headerBytes + (await bytes.fill(file.subarray(header.headerBytes)));
  if (end < header.fileBytes) {
    throw new FormatError("file-truncated", end, `the tensors end at ${header.fileBytes}, the file at ${end}`);
  }
  if ((await bytes.fill(new Uint8Array(1))) > 0) {
    throw new FormatError("file-extended", end, `the tensors end at ${header.fileBytes}, and the file continues`);
  }
}

const setField = (kernels: Pick<Kernels, "memory">, plan: MemoryPlan, field: number, value: number): void =>
  new DataView(kernels.memory.buffer).setUint32(plan.layout + field, value, true);

/** Writes the addresses of the tensors to Layout. */
export function writeTensors({ kernels, header, plan }: Pick<OpenedIndex, "kernels" | "header" | "plan">): void {
  for (const name of Object.keys(structs.LAYOUT_TENSORS) as LayoutTensor[]) {
    const place = header.tensors[SECTION_TENSORS[name] ?? (name as TensorName)];
    setField(kernels, plan, structs.LAYOUT_TENSORS[name], place ? plan.file + place.begin : 0);
  }
}

function writeLayout(kernels: Kernels, header: IndexHeader, plan: MemoryPlan): void {
  const { facts } = header;
  const [dim1, dim2] = codebookDims(facts);
  const set = (field: number, value: number): void => setField(kernels, plan, field, value);
  // The checksum of the header was computed here. Everything below the file must start from zeros.
  new Uint8Array(kernels.memory.buffer, plan.layout, structs.LAYOUT_BYTES).fill(0);
  set(structs.LAYOUT_ITEM_COUNT, facts.itemCount);
  set(structs.LAYOUT_DIM, facts.dim);
  set(structs.LAYOUT_BITS, facts.bits);
  set(structs.LAYOUT_CODEWORD_COUNT, 2 ** facts.bits);
  set(structs.LAYOUT_BUCKET_COUNT, facts.bucketCount);
  set(structs.LAYOUT_WEIGHT_SLOTS, plan.weightTables * plan.blocks * abi.BLOCK_SLOTS);
  set(structs.LAYOUT_ID_COUNT, facts.itemCount);
  set(structs.LAYOUT_OUTLIER_COUNT, facts.outliers?.count ?? 0);
  set(structs.LAYOUT_ALLOWED_OUTLIERS, facts.outliers?.count ?? 0);
  set(structs.LAYOUT_ROW_TYPE, ROW_TYPES[facts.rows]);
  set(structs.LAYOUT_ROW_BYTES, rowBytes(facts));
  set(structs.LAYOUT_CODEWORD_BYTES_1, paddedCodeword(dim1) * 4);
  set(structs.LAYOUT_CODEWORD_BYTES_2, paddedCodeword(dim2) * 4);
  set(structs.LAYOUT_DIM_1, dim1);
  set(structs.LAYOUT_FINE_COUNT, fineCount(facts));
  set(structs.LAYOUT_IS_COSINE, facts.metric === "cosine" ? 1 : 0);
  writeTensors({ kernels, header, plan });
  set(structs.LAYOUT_ALLOWED_COUNT, facts.itemCount);
  const fields = new DataView(kernels.memory.buffer, plan.layout);
  for (const field of [structs.LAYOUT_INVERSE_TEMPERATURE, structs.LAYOUT_KNOT_LOW, structs.LAYOUT_LOW_PART]) {
    fields.setFloat32(field, 1, true);
  }
  set(structs.LAYOUT_SHARE_STAMP, 2);
  set(structs.LAYOUT_PLACES_GUIDES, 1);
  for (const name of Object.keys(plan.regions) as structs.LayoutRegion[]) {
    set(structs.LAYOUT_REGIONS[name], plan.regions[name]);
  }
  set(structs.LAYOUT_EXCLUDED, 0); // until there is a filter
}

import * as structs from "../../build/structs.ts";
import type { IndexFacts } from "../format/facts.ts";
import { paddedRow } from "../format/tensors.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { align16, placeRegions } from "../memory/plan.ts";

/** The exports of the batch module, as asc declares them. */
export type BatchKernels = Awaited<ReturnType<typeof import("../../build/batch.js").instantiate>>;

/** An instance of the batch module in the memory of an index. */
export interface BlockInstance {
  readonly batch: BatchKernels;
  /** The address of the QueryBlock. */
  readonly address: number;
  readonly regions: Readonly<Record<structs.QueryBlockRegion, number>>;
}

/** Places the regions of a QueryBlock for an index with these facts, behind its fields. */
const regionsFrom = (address: number, facts: IndexFacts) =>
  placeRegions(
    structs.queryBlockRegionBytes({ rowValues: Math.max(paddedRow(facts), 16) }),
    address + align16(structs.QUERYBLOCK_BYTES),
  );

/** Returns the bytes of memory that a QueryBlock takes. */
export const blockBytes = (facts: IndexFacts): number => regionsFrom(0, facts).end;

/** Makes an instance that works in the memory of an index, which was opened with room for it. */
export function instantiateBatch(module: WebAssembly.Module, { kernels, plan, header }: OpenedIndex): BlockInstance {
  const { memory } = kernels;
  const imports = { env: { memory }, query: { ...kernels } };
  const batch = new WebAssembly.Instance(module, imports).exports as unknown as BatchKernels;
  const address = plan.totalBytes - blockBytes(header.facts);
  const { regions } = regionsFrom(address, header.facts);
  const fields = new DataView(memory.buffer, address);
  fields.setUint32(structs.QUERYBLOCK_LAYOUT, plan.layout, true);
  for (const name of Object.keys(regions) as structs.QueryBlockRegion[]) {
    fields.setUint32(structs.QUERYBLOCK_REGIONS[name], regions[name], true);
  }
  return { batch, address, regions };
}

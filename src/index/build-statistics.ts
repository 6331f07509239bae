import { bandIn, STATISTICS, STATISTICS_VERSION } from "../format/statistics-values.ts";
import type { SectionTensor } from "../format/tensor-spec.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { MultiIndex } from "./multi-index.ts";

const NO_BANDS = new Uint8Array(0);

/**
 * Reads a tensor with the statistics of the real queries of an index's build. Undefined if the file has none that this
 * version knows, if the queries were stand-ins (`unwanted`), and if the index is elsewhere. Values are not checked: a caller
 * that compares with them passes over those that are not numbers.
 */
export const realStatistics = (
  index: object,
  tensor: "values" | "bands",
  unwanted = "stand-ins",
): ArrayBuffer | undefined => tensorIn(index, tensor, unwanted)?.slice().buffer;

/** Returns a view of such a tensor in memory. */
function tensorIn(index: object, tensor: "values" | "bands", unwanted: string): Uint8Array<ArrayBuffer> | undefined {
  // The name is private. An index that is answered elsewhere has none of this name.
  const opened = (index as { readonly calls?: { inUse(): OpenedIndex } }).calls?.inUse();
  const isReal = opened?.header.facts.ignored?.some(
    ({ name, version, texts }) =>
      name === STATISTICS && version === STATISTICS_VERSION && texts[`${STATISTICS}.source`] !== unwanted,
  );
  const place = opened?.header.tensors[`${STATISTICS}.${tensor}` as SectionTensor];
  if (!opened || !isReal || !place) return undefined;
  const { plan, kernels } = opened;
  return new Uint8Array(kernels.memory.buffer as ArrayBuffer, plan.file + place.begin, place.end - place.begin);
}

/** Returns the popularity band of a class of an index, whatever its queries were; 0 if the file has none for it. */
export const bandOfClass = (index: object, id: number): number =>
  bandIn(tensorIn(index, "bands", "none") ?? NO_BANDS, id);

/** Returns the popularity bands of the classes of an index, as the tensor has them, whatever its queries were. */
export const packedBandsOf = (index: MultiIndex): Uint8Array =>
  new Uint8Array(realStatistics(index, "bands", "none") ?? []);

/** Tells whether the statistics of an index are those of the one that it was compacted from. */
export const hasCarriedStatistics = (index: MultiIndex): boolean =>
  // biome-ignore lint/complexity/useLiteralKeys: the name is private.
  index["calls"].inUse().header.facts.ignored?.some(({ texts }) => texts[`${STATISTICS}.carried`] === "true") ?? false;

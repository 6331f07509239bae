import { STATISTICS, STATISTICS_VERSION } from "../format/statistics-values.ts";
import type { SectionTensor } from "../format/tensor-spec.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { MultiIndex } from "./multi-index.ts";

/**
 * Reads a tensor with the statistics of the real queries of an index's build. Undefined if the file has none that this
 * version knows, if the queries were stand-ins (`unwanted`), and if the index is elsewhere. Values are not checked: a caller
 * that compares with them passes over those that are not numbers.
 */
export function realStatistics(
  index: object,
  tensor: "values" | "bands",
  unwanted = "stand-ins",
): ArrayBuffer | undefined {
  // The name is private. An index that is answered elsewhere has none of this name.
  const opened = (index as { readonly calls?: { inUse(): OpenedIndex } }).calls?.inUse();
  const isReal = opened?.header.facts.ignored?.some(
    ({ name, version, texts }) =>
      name === STATISTICS && version === STATISTICS_VERSION && texts[`${STATISTICS}.source`] !== unwanted,
  );
  const place = opened?.header.tensors[`${STATISTICS}.${tensor}` as SectionTensor];
  if (!opened || !isReal || !place) return undefined;
  const { plan, kernels } = opened;
  return kernels.memory.buffer.slice(plan.file + place.begin, plan.file + place.end) as ArrayBuffer;
}

/** Returns the popularity bands of the classes of an index, as the tensor has them, whatever its queries were. */
export const packedBandsOf = (index: MultiIndex): Uint8Array =>
  new Uint8Array(realStatistics(index, "bands", "none") ?? []);

/** Tells whether the statistics of an index are those of the one that it was compacted from. */
export const hasCarriedStatistics = (index: MultiIndex): boolean =>
  // biome-ignore lint/complexity/useLiteralKeys: the name is private.
  index["calls"].inUse().header.facts.ignored?.some(({ texts }) => texts[`${STATISTICS}.carried`] === "true") ?? false;

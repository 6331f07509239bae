import { STATISTICS, STATISTICS_VERSION } from "../format/statistics-values.ts";
import type { SectionTensor } from "../format/tensor-spec.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/**
 * Reads a tensor with the statistics of the real queries of an index's build. Undefined if the file has none that this
 * version knows, if the queries were stand-ins, and if the index is elsewhere. Values are not checked: a caller that compares
 * with them passes over those that are not numbers.
 */
export function realStatistics(index: object, tensor: "values" | "bands"): ArrayBuffer | undefined {
  // The name is private. An index that is answered elsewhere has none of this name.
  const opened = (index as { readonly calls?: { inUse(): OpenedIndex } }).calls?.inUse();
  const isReal = opened?.header.facts.ignored?.some(
    ({ name, version, texts }) =>
      name === STATISTICS && version === STATISTICS_VERSION && texts[`${STATISTICS}.source`] !== "stand-ins",
  );
  const place = opened?.header.tensors[`${STATISTICS}.${tensor}` as SectionTensor];
  if (!opened || !isReal || !place) return undefined;
  const { plan, kernels } = opened;
  return kernels.memory.buffer.slice(plan.file + place.begin, plan.file + place.end) as ArrayBuffer;
}

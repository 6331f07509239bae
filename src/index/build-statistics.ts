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
  return opened && storedStatistics(opened, tensor, (source) => source !== "stand-ins");
}

/** Returns the popularity bands of the classes of an index, as the tensor has them. Empty if they are not known. */
export const packedBandsOf = (opened: OpenedIndex): Uint8Array =>
  new Uint8Array(storedStatistics(opened, "bands", () => true) ?? []);

/** Tells whether the statistics of an index are those of the one that it was compacted from. */
export const hasCarriedStatistics = ({ header }: OpenedIndex): boolean =>
  header.facts.ignored?.some(({ texts }) => texts[`${STATISTICS}.carried`] === "true") ?? false;

/** Reads a tensor with statistics of queries from a source that is wanted. */
function storedStatistics(
  { header, plan, kernels }: OpenedIndex,
  tensor: "values" | "bands",
  isWanted: (source: string | undefined) => boolean,
): ArrayBuffer | undefined {
  const isThere = header.facts.ignored?.some(
    ({ name, version, texts }) =>
      name === STATISTICS && version === STATISTICS_VERSION && isWanted(texts[`${STATISTICS}.source`]),
  );
  const place = header.tensors[`${STATISTICS}.${tensor}` as SectionTensor];
  if (!isThere || !place) return undefined;
  return kernels.memory.buffer.slice(plan.file + place.begin, plan.file + place.end) as ArrayBuffer;
}

import { fineCount } from "./facts.ts";
import type { IndexHeader } from "./format.ts";
import type { FileInfo, IndexInfo } from "./info.ts";
import type { OpenedIndex } from "./opened-index.ts";
import { curvesFromValues } from "./recall-curve.ts";
import { curveValues } from "./validate.ts";

const ROW_FACTORY = { f32: "Flat", f16: "SQfp16", i8: "SQ8" } as const;

/** What the header says and the instance takes. */
export const describe = ({ header, kernels, plan, contentId }: OpenedIndex): IndexInfo => ({
  ...describeFile(header, contentId),
  memoryBytes: kernels.memory.buffer.byteLength,
  recallCurves: header.facts.hasFineCodes ? curvesFromValues(curveValues(kernels, header, plan)) : [],
});

/** What the header says. */
export function describeFile(header: IndexHeader, contentId: string): FileInfo {
  const { facts } = header;
  const { itemCount, dim, bits, bucketCount, largestBucket, quantizer, rows, metric, builder } = facts;
  const { hasBias, hasFineCodes, hasLabels, features } = facts;
  return {
    itemCount,
    dim,
    codewordCount: 2 ** bits,
    bucketCount,
    largestBucket,
    quantizer,
    rows,
    metric,
    hasBias,
    hasFineCodes,
    hasLabels,
    ...(features && { features }),
    factory: `${quantizer.toUpperCase()}2x${bits}${hasFineCodes ? `,PQ${fineCount(facts)}x4fs` : ""},${ROW_FACTORY[rows]}`,
    contentId,
    formatVersion: header.formatVersion,
    builder,
    fileBytes: header.fileBytes,
  };
}

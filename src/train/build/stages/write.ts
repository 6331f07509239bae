import { DISPERSION_DIRECTIONS } from "../../../abi.ts";
import { tensorSeed } from "../../../bytes/sealed-header.ts";
import { calibrationToValues, UNMEASURED } from "../../../format/calibration-values.ts";
import { encoderSection } from "../../../format/encoder.ts";
import type { IndexFacts } from "../../../format/facts.ts";
import { placeTensors, serialiseIndexHeader } from "../../../format/header.ts";
import { sectionCount } from "../../../format/sections.ts";
import { statisticsSection } from "../../../format/statistics.ts";
import { STATISTICS } from "../../../format/statistics-values.ts";
import { paddedCodeword, type TensorName } from "../../../format/tensor-spec.ts";
import { VERSION } from "../../../version.ts";
import { bandOfClasses, packedBands, statisticsFacts } from "../../calibration/query-statistics.ts";
import { padCodebook, padRows } from "../../rows/padded-rows.ts";
import { type ByteChunks, bytesOf, reordered } from "../../runtime/byte-chunks.ts";
import { startChecksum } from "../../runtime/running-checksum.ts";
import type { Separated } from "./separate.ts";
import type { Build, Stage } from "./stage.ts";

export interface Written extends Separated {
  readonly facts: IndexFacts;
  readonly fileBytes: number;
}

const BUILDER = `midx ${VERSION}`;

/**
 * Writes the index file: its tensors in order, then the header, which holds their checksums. Zeros fill the last 16 bytes
 * of a tensor where its data ends before they do.
 */
export const writeIndex: Stage<Separated, Written> = async (build, separated) => {
  const { kernels, checksum, workspace, progress } = build;
  const facts = factsOf(build, separated);
  const tensors = tensorsOf(build, separated, facts);
  const { places, fileBytes } = placeTensors(facts);
  const sink = workspace.output(fileBytes);
  const advance = progress.advance("write", fileBytes);
  const checksums: Partial<Record<TensorName, bigint>> = {};
  for (const { name, begin, end } of places) {
    const running = startChecksum(kernels, tensorSeed(checksum, name, begin));
    const put = (at: number, bytes: Uint8Array): number => {
      running.add(bytes);
      sink.write(at, bytes);
      return at + bytes.byteLength;
    };
    let at = begin;
    for (const chunk of tensors[name] as ByteChunks) {
      at = put(at, chunk);
      await advance(at);
    }
    put(at, new Uint8Array(end - at));
    checksums[name] = running.value();
  }
  await advance(fileBytes); // the last bytes may be padding
  sink.write(0, serialiseIndexHeader(facts, checksums, checksum));
  return { ...separated, facts, fileBytes };
};

function factsOf({ input, plan }: Build, { source, lists, outliers }: Separated): IndexFacts {
  const {
    encoder,
    bits,
    kind,
    rowType,
    metric,
    bias,
    hasFineCodes,
    hasResiduals,
    labels,
    features,
    columns,
    space,
    seed,
    weights,
    recallQueries,
    calibration,
  } = plan;
  const facts: IndexFacts = {
    itemCount: input.itemCount,
    dim: input.dim,
    bits,
    quantizer: kind,
    rows: rowType,
    metric,
    hasBias: bias !== undefined,
    hasFineCodes,
    hasLabels: labels !== undefined,
    labelBytes: labels?.text.length ?? 0,
    ...(features && { features: features.facts }),
    bucketCount: lists.codes.length,
    largestBucket: lists.largestBucket,
    seed,
    source,
    builder: BUILDER,
    ...(outliers.length > 0 && { outliers: { count: outliers.length } }),
    dispersion: {},
    ...(calibration && { calibration }),
    ...(hasResiduals && { residuals: {} }),
    // The placeholder is as long as the value that the measurement will write over it.
    report: { weights, recallQueries, ...(recallQueries !== "none" && { rowRecall: 0 }) },
    ...(columns && { columns: columns.facts }),
    ...(space !== undefined && { space: { name: space } }),
  };
  const shape = { ...input, bucketCount: facts.bucketCount, hasFineCodes };
  const count = sectionCount(facts);
  const ignored = [
    ...(encoder ? [encoderSection(encoder.facts, shape, count)] : []),
    ...(calibration ? [statisticsSection(statisticsFacts(plan), shape, count + Number(encoder !== undefined))] : []),
  ];
  return { ...facts, ...(ignored.length > 0 && { ignored }) };
}

/** Returns the bytes of every tensor. Recall curves, calibration and statistics say nothing until they are measured. */
function tensorsOf(
  { plan }: Build,
  { quantizer, lists, fineCodebooks, placed, dispersions, codeDispersion, stored }: Separated,
  facts: IndexFacts,
): Readonly<Partial<Record<TensorName, ByteChunks>>> {
  const { bias, labels, features, columns, encoder, hasFineCodes, calibration } = plan;
  const bandOf = calibration && bandOfClasses(plan);
  return {
    codebook1: [bytesOf(padCodebook(quantizer.codebook1, facts, 0))],
    codebook2: [bytesOf(padCodebook(quantizer.codebook2, facts, 1))],
    bucketCodes: [bytesOf(lists.codes)],
    bucketOffsets: [bytesOf(lists.offsets)],
    ids: [bytesOf(lists.ids)],
    ...(bias && { bias: reordered(bias, lists.ids) }),
    ...(fineCodebooks && { fineCodebooks: [bytesOf(fineCodebooks)] }),
    ...(hasFineCodes && { recallCurves: [] }),
    ...(placed.fineCodes && { fineCodes: placed.fineCodes }),
    ...(placed.scales && { rowScales: placed.scales }),
    rows: placed.rows,
    ...(labels && {
      labelOffsets: [bytesOf(labels.offsets)],
      labelOrder: [bytesOf(labels.order)],
      labelText: [labels.text],
    }),
    ...features?.tensors,
    ...encoder?.tensors,
    "dispersion.buckets": [bytesOf(dispersions)],
    "dispersion.directions": [
      bytesOf(padRows(stored.directions, DISPERSION_DIRECTIONS, facts.dim, paddedCodeword(facts.dim))),
    ],
    "dispersion.means": [
      bytesOf(Float32Array.of(codeDispersion ?? 0, stored.meanSquareNorm, stored.largestSquareNorm)),
    ],
    ...(calibration && { "calibration.values": [bytesOf(calibrationToValues(UNMEASURED))] }),
    ...(placed.refinements && { "residuals.rows": placed.refinements }),
    ...columns?.tensors(lists.ids),
    ...(calibration && { [`${STATISTICS}.values`]: [] }),
    ...(bandOf && { [`${STATISTICS}.bands`]: [packedBands(bandOf)] }),
  };
}

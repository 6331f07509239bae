import type { Checksum } from "../../bytes/sealed-header.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { VERSION } from "../../version.ts";
import { encode } from "../codes/encode.ts";
import { trainFineCodebooks } from "../codes/fine-codebooks.ts";
import { invertLists } from "../codes/inverted-lists.ts";
import { renumberSecond } from "../codes/renumber.ts";
import { fitWith } from "../fitting/fit.ts";
import { trainQuantizer } from "../kmeans/quantizer.ts";
import type { WalkTools } from "../kmeans/walk-together.ts";
import type { RowSample } from "../random/sample-rows.ts";
import { checkMatrix, type Matrix, rowLimit } from "../rows/matrix.ts";
import { padCodebook } from "../rows/padded-rows.ts";
import { type RowTable, tableOf, unitTable } from "../rows/row-table.ts";
import { drawTrainingSample, expectedSampleRows } from "../rows/training-sample.ts";
import { memoryWorkspace, type Workspace } from "../rows/workspace.ts";
import { alone, type BuildCrew, type Crew } from "../runtime/crew.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { startPace } from "../runtime/pace.ts";
import { bytesOf, inOrder } from "../runtime/pieces.ts";
import type { BuildOptions } from "./build-options.ts";
import { planBuild } from "./build-plan.ts";
import { countMoves } from "./moves.ts";
import { startStages } from "./progress.ts";
import { storeRows } from "./stages/store.ts";
import { survey } from "./stages/survey.ts";
import { writeIndex } from "./stages/write.ts";
import { readWarmStart } from "./warm-start.ts";

/** Where nothing is learned. */
const NO_SAMPLE: RowSample = { ids: new Uint32Array(0), weights: new Float64Array(0) };

const BUILDER = `midx ${VERSION}`;

/** The bytes of an index file. `checksum` is XXH64. TypeError and RangeError name the argument at fault. */
export async function buildWith(
  kernels: TrainKernels,
  checksum: Checksum,
  embeddings: Matrix,
  options: BuildOptions,
  others?: BuildCrew<WalkTools>,
): Promise<Uint8Array<ArrayBuffer>> {
  checkMatrix(embeddings);
  const workspace = memoryWorkspace(others?.floats);
  await buildInto(workspace, kernels, checksum, tableOf(embeddings), options, others);
  return workspace.file();
}

/**
 * Writes an index file to the workspace's output; its bytes depend on rows, options and seed, not on the workspace nor on
 * who does the work: this thread, or `others`, to whom it leaves all that is done row by row.
 */
export async function buildInto(
  workspace: Workspace,
  kernels: TrainKernels,
  checksum: Checksum,
  table: RowTable,
  options: BuildOptions,
  others?: Crew<WalkTools>,
): Promise<void> {
  const { itemCount, dim } = table;
  const crew = others ?? alone({ train: kernels });
  const warm = options.warmFrom && readWarmStart(options.warmFrom, checksum);
  const plan = planBuild(table, options, warm);
  const { kind, rows, metric, bits, bias, counts, labels, features, hasFineCodes, seed } = plan;
  const stages = startStages(dim, options);
  const unit = metric === "cosine";
  const given = unit ? unitTable(table) : table;

  const learnsFineBooks = hasFineCodes && !(plan.warmPasses === 0 && !plan.fit && warm?.fineCodebooks);
  const learns = warm === undefined || plan.warmPasses > 0 || learnsFineBooks;
  const sample = learns
    ? drawTrainingSample(itemCount, counts?.map(Math.sqrt), expectedSampleRows(bits), seed)
    : NO_SAMPLE;
  const training = workspace.trainingRows(sample.ids.length, dim);
  const source = await survey(table, training, checksum, {
    limit: rowLimit(rows),
    unit,
    bias,
    picked: sample.ids,
    step: stages.rows("read", itemCount),
  });
  const trained =
    warm && plan.warmPasses === 0
      ? warm.quantizer
      : await trainQuantizer(kernels, training, sample.weights, {
          kind,
          bits,
          seed,
          ...(warm && { start: warm.quantizer, maxIterations: plan.warmPasses }),
          ...(options.signal && { signal: options.signal }),
          ...(others && { crew: others }),
          onProgress: stages.report("train"),
        });
  const coded = { quantizer: trained, codes: await encode(crew, trained, given, stages.rows("encode", 2 * itemCount)) };
  const fitted = plan.fit
    ? await fitWith(
        kernels,
        {
          ...{ table: given, bias, metric, ...coded, ...plan.fit, seed },
          training: { rows: training, weights: sample.weights },
          origin: warm ? "older index" : "k-means",
        },
        { signal: options.signal, crew: others, workspace, onProgress: stages.report("fit") },
      )
    : undefined;
  const { codes } = fitted ?? coded;
  const found = (fitted ?? coded).quantizer;
  const fineCodebooks = learnsFineBooks
    ? await trainFineCodebooks(crew, kernels, training, sample.weights, found, {
        seed,
        pace: startPace(options.signal),
      })
    : hasFineCodes
      ? warm?.fineCodebooks
      : undefined;
  // What is taken over keeps its numbers, so that buckets can be compared; they were chosen for the older table.
  const quantizer = warm ? found : renumberSecond(found, codes);
  const lists = invertLists(codes, quantizer.codewordCount);
  const stored = await storeRows(
    crew,
    given,
    { quantizer, rowType: rows, chunkRows: given.chunkRows, fineCodebooks },
    codes,
    lists,
    workspace,
    stages.rows("encode", 2 * itemCount, itemCount),
  );

  const facts: IndexFacts = {
    itemCount,
    dim,
    bits,
    quantizer: kind,
    rows,
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
  };
  const fileBytes = await writeIndex(
    kernels,
    checksum,
    facts,
    {
      codebook1: [bytesOf(padCodebook(quantizer.codebook1, facts, 0))],
      codebook2: [bytesOf(padCodebook(quantizer.codebook2, facts, 1))],
      bucketCodes: [bytesOf(lists.codes)],
      bucketOffsets: [bytesOf(lists.offsets)],
      ids: [bytesOf(lists.ids)],
      ...(bias && { bias: inOrder(bias, lists.ids) }),
      ...(fineCodebooks && { fineCodebooks: [bytesOf(fineCodebooks)] }),
      ...(hasFineCodes && { recallCurves: [] }),
      ...(stored.fineCodes && { fineCodes: stored.fineCodes }),
      ...(stored.scales && { rowScales: stored.scales.pieces() }),
      rows: stored.rows.pieces(),
      ...(labels && {
        labelOffsets: [bytesOf(labels.offsets)],
        labelOrder: [bytesOf(labels.order)],
        labelText: [labels.text],
      }),
      ...features?.tensors,
    },
    workspace,
    stages,
  );
  options.onReport?.({
    itemCount,
    bucketCount: facts.bucketCount,
    largestBucket: facts.largestBucket,
    bytesPerRow: itemCount > 0 ? fileBytes / itemCount : 0,
    ...stored.residuals,
    ...(warm && { moves: countMoves(warm, codes, labels) }),
    ...(fitted && { fit: fitted.report }),
  });
}

import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { buildInMemory } from "../building/in-memory.ts";
import { lossyRowWarnings } from "../building/lossy-rows.ts";
import { buildOnDisk } from "../building/on-disk.ts";
import { BUILD_OPTIONS, type BuildArguments } from "../building/options.ts";
import {
  type BuiltIndex,
  copiedItemsLine,
  idLines,
  otherEncoderLine,
  qualityLines,
  reportLines,
  uncalibratedLine,
  unmeasuredLine,
  unusedBiasLine,
} from "../building/report.ts";
import { withTrainedModel } from "../building/trained-model.ts";
import { warningLines } from "../evaluating/table-warnings.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { unusedKeyLines } from "../inputs/row-fields.ts";
import { startProgress } from "../output/progress.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { isInBucket, isRemote } from "../remote/address.ts";
import { type OpenRemote, remoteFiles } from "../remote/remote-files.ts";
import { unaddressable } from "../tasks/build-in-parts.ts";
import { folderOfParts } from "../tasks/plan-paths.ts";
import { withThreads } from "../threads/with-threads.ts";
import { buildParts } from "./build-parts.ts";

/** `midx build`: builds an index file from a file of embeddings, and measures it. */
export function addBuildCommand(program: Command, io: Io): void {
  const command = program
    .command("build")
    .description("build an index file from embeddings")
    .argument(
      "<embeddings>",
      "N rows of D numbers, a file or an https:// or s3:// URL: .safetensors, also in shards (model.safetensors.index.json), .npy, .npz, .parquet, .csv, .jsonl, .fvecs or raw f32 (.f32, .bin); - is standard input",
    )
    .requiredOption(
      "-o, --output <file>",
      "index file to write, or with --parts the folder or s3://bucket/prefix; what is there is replaced once the build succeeds",
    );
  for (const option of BUILD_OPTIONS) command.addOption(option);
  command
    .addHelpText("after", EXAMPLE)
    .allowExcessArguments() // an export of many rows is often several files, and the error says what to do with them
    .action((embeddings: string, options: BuildArguments) => {
      const { length } = command.args;
      if (length === 1) return buildFile(embeddings, options, io);
      const remedy = "join them first, or build each of them and ask all with midx/parts";
      return command.error(`error: too many arguments: expected one file of rows, got ${length}: ${remedy}`);
    });
}

const EXAMPLE = `
Examples:
  $ midx build head.safetensors --tensor weight --bias bias --queries queries.safetensors -o next-word.midx
  $ midx build head.safetensors --tensor weight --bias bias --queries queries.safetensors --fit -o next-word.midx
  $ midx build model.safetensors.index.json --tensor lm_head.weight -o tokens.midx
  $ midx build items.jsonl --id-field sku --drop-invalid -o items.midx
  $ midx build items-today.jsonl --warm-from items.midx --compare -o items-today.midx
  $ midx build model.safetensors --tensor classes --bias bias --features features --positions positions -o words.midx
  $ midx build model.safetensors --row-type f32 -o items.midx
  $ zcat vectors.csv.gz | midx build - --format csv -o vectors.midx
  $ midx build items.parquet --parts 8 -o items`;

async function bytesOf(path: string, openRemote: OpenRemote): Promise<number> {
  if (!isRemote(path)) return (await stat(path).catch(() => undefined))?.size ?? 0;
  const { byteLength, close } = await openRemote(path);
  await close();
  return byteLength;
}

async function buildFile(path: string, given: BuildArguments, io: Io): Promise<void> {
  const options = await withTrainedModel(path, given, io);
  const { output, queries, maxMemory } = options;
  if (options.parts !== undefined || options.partRows !== undefined) return buildParts(path, options, io);
  for (const name of ["as", "queue"] as const) {
    if (options[name] !== undefined) throw new RangeError(`'--${name}' needs '--parts' or '--part-rows'`);
  }
  if (options.tuneSeconds !== undefined && !options.tune) throw new RangeError("'--tune-seconds' needs '--tune'");
  if (isInBucket(output)) {
    throw new RangeError("'--output' expected a file: only parts go to a bucket, so pass --parts or --part-rows");
  }
  const openRemote = remoteFiles(io, options);
  const gibibytes = await unaddressable(path, await bytesOf(path, openRemote), options, io);
  if (gibibytes !== undefined) {
    const problem = `one file would need ${gibibytes.toFixed(1)} GiB of memory or more, and WebAssembly addresses 4 GiB`;
    printLines(io.stderr, [`note: ${problem}: building parts in the folder ${folderOfParts(output)} (--parts auto)`]);
    return buildParts(path, { ...options, parts: "auto" }, io);
  }
  const inputs = {
    "--bias": options.bias,
    "--counts": options.counts,
    "--labels": options.labels,
    "--metadata": options.metadata,
    "--features": options.features,
    "--positions": options.positions,
    "--feature-labels": options.featureLabels,
    "--queries": queries,
    "--encoder": options.encoder,
    "--encoder-names": options.encoderNames,
  };
  await checkOutputs({ "<embeddings>": path, ...inputs }, { "--output": output }, io);
  const progress = startProgress(io, options.json ? "json" : "text");
  let built: BuiltIndex;
  try {
    built = await withThreads(options.threads, io.signal, (pool) => {
      const call = { path, options, progress, io, pool, openRemote };
      return maxMemory === undefined ? buildInMemory(call) : buildOnDisk(call, maxMemory);
    });
  } finally {
    progress.stop();
  }
  if (built.recallTakes !== undefined) printLines(io.stderr, [unmeasuredLine(built.recallTakes)]);
  if (built.calibrationTakes !== undefined && options.calibrate !== undefined) {
    printLines(io.stderr, [uncalibratedLine(built.calibrationTakes)]);
  }
  if (built.qualityTakes !== undefined && queries !== undefined) printLines(io.stderr, qualityLines(built));
  if (built.unusedBias !== undefined) printLines(io.stderr, [unusedBiasLine(path, built.unusedBias)]);
  printLines(io.stderr, [...unusedKeyLines(options.metadata, built.unusedKeys), ...idLines(path, built.inputColumns)]);
  if (built.encoderIsOther) printLines(io.stderr, [otherEncoderLine(String(options.encoder))]);
  if (built.encoderCopiesItems) printLines(io.stderr, [copiedItemsLine(built.info)]);
  const lossy = lossyRowWarnings(built.info.rowType, built.report.rowError);
  const warnings = [...(built.warnings ?? []), ...lossy];
  printLines(io.stderr, warningLines(warnings));
  if (options.json) printJson(io.stdout, { event: "built", ...built, ...(lossy.length > 0 && { warnings }) });
  else printLines(io.stdout, reportLines(built, options.encoder !== undefined));
}

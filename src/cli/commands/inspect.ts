import type { Command } from "commander";
import { parseHeader } from "../../bytes/safetensors.ts";
import { areChanges } from "../../changes/changes-file.ts";
import { readChanges } from "../../changes/index.ts";
import { isOwnEstimator } from "../../format/calibration-values.ts";
import type { ColumnFacts, CompactionFacts, IndexInfo } from "../../index.ts";
import type { Manifest } from "../../publication/manifest.ts";
import type { BandStatistics, MergedStatistics } from "../../publication/merged-statistics.ts";
import { partsOfManifest } from "../asking/table-parts.ts";
import { featuresText } from "../building/report.ts";
import { calibrationText } from "../calibrating/report.ts";
import { onlyPart } from "../evaluating/table-part.ts";
import { tableWarnings, warningLines } from "../evaluating/table-warnings.ts";
import { asIndex } from "../files/foreign-files.ts";
import { loadHere } from "../files/load-here.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import { fixed } from "../output/fixed.ts";
import { startProgress } from "../output/progress.ts";
import { factLines, tableLines } from "../output/table.ts";
import { messageOf } from "../process/error-message.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";
import { isRemote } from "../remote/address.ts";
import { remoteFiles } from "../remote/remote-files.ts";

/** `midx inspect`: prints the facts, metadata and tensors of an index file. */
export function addInspectCommand(program: Command, io: Io): void {
  program
    .command("inspect")
    .description(
      "print the facts, metadata and tensors of an index file, the contents of a file of changes, or the parts of a manifest",
    )
    .argument("<file>", "index file, file of changes, or manifest")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, options: { readonly json?: true }) => {
      const openRemote = remoteFiles(io, {});
      const manifest = await readManifestFile(file, openRemote);
      if (manifest) return inspectManifest(file, manifest, options, io);
      return asIndex(file, () => inspect(file, options, io));
    });
}

const EXAMPLE = `
Example:
  $ midx inspect next-word.midx --json`;

/** Writes each curve as k: scan/rescore → recall, …, with the rows whose codes are read and the rows scored exactly. */
const curveText = (recallCurves: IndexInfo["recallCurves"]): string =>
  recallCurves
    .map(({ k, points }) => {
      const steps = points.map(({ scan, rescore, recall }) => `${scan}/${rescore} → ${recall.toFixed(3)}`);
      return `${k}: ${steps.join(", ") || "not measured"}`;
    })
    .join("; ") || "none";

/** Writes mean and standard deviation of each measure for all queries. */
const statisticsText = ({ queryCount, source, bands: [all], carried }: MergedStatistics): string => {
  const { logPartition, essShare, headShare } = all as BandStatistics;
  const text = ({ mean, deviation }: BandStatistics["essShare"]): string =>
    `${fixed(mean, 3)} ± ${fixed(deviation, 3)}`;
  const measures = `log Z ${text(logPartition)}, ESS per draw ${text(essShare)}, head ${text(headShare)}`;
  return `${queryCount} ${source}: ${measures}${carried ? "; carried over" : ""}`;
};

/** Writes each column as name: type, with its number of distinct values. */
const columnsText = (columns: readonly ColumnFacts[]): string =>
  columns.map(({ name, type, distinct }) => `${name}: ${type}, ${distinct} values`).join("; ") || "none";

async function inspectManifest(
  file: string,
  manifest: Manifest,
  options: { readonly json?: true },
  io: Io,
): Promise<void> {
  const warnings = await warningsOfParts(file, manifest, io);
  if (options.json) return printJson(io.stdout, { ...manifest, ...(warnings && { warnings }) });
  printLines(io.stderr, warningLines(warnings));
  const { version, generation, classes, facts, parts, recallCurves, calibration, statistics, ...rest } = manifest;
  const { contract, previous, log } = rest;
  const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const rows = parts.map((part) => [
    ...[part.number, part.idBase, part.classes, part.byteLength, part.memoryBytes, part.replicas ?? 1],
    part.file ?? part.pointer ?? "",
  ]);
  printLines(io.stdout, [
    ...factLines([
      ...Object.entries({ version, generation, classes, ...facts, bytes, parts: parts.length }),
      ["recallCurves", recallCurves === null ? "not measured" : curveText(recallCurves)],
      ["calibration", mergedCalibrationText(calibration)],
      ["statistics", statistics ? statisticsText(statistics) : "none"],
      [
        "log",
        log ? `changes up to ${log.sequence}${log.carried ? "; calibration and curves carried over" : ""}` : "none",
      ],
      ["contract", contract ?? "none"],
      ["previous", previous ?? "none"],
    ]),
    "",
    ...tableLines(["part", "first id", "classes", "bytes", "memory", "replicas", "place"], rows),
  ]);
}

/**
 * Reads the parts for warnings of their rows. Undefined, with a note, if they cannot be read here: a manifest may have been downloaded
 * without its parts, and nobody expects this command to download an index.
 */
async function warningsOfParts(file: string, manifest: Manifest, io: Io): Promise<string[] | undefined> {
  const progress = startProgress(io, "text");
  const { recallCurves, calibration } = manifest;
  try {
    if (isRemote(file)) throw new RangeError("the parts are not on this machine");
    const parts = partsOfManifest(filesOf(file, manifest), progress, io.signal);
    return await tableWarnings(parts, { recallCurves, calibration });
  } catch (error) {
    io.signal.throwIfAborted();
    printLines(io.stderr, [`note: the rows were not looked at: ${messageOf(error)}`]);
    return undefined;
  } finally {
    progress.stop();
  }
}

function inspectChanges(bytes: Uint8Array, options: { readonly json?: true }, io: Io): void {
  const { upserts, removals, columns, ...facts } = readChanges(bytes);
  const counts = { upserts: upserts.length, removals: removals.length };
  if (options.json) printJson(io.stdout, { ...facts, ...(columns && { columns }), upserts, removals });
  else {
    const named = columns && { columns: columns.join(", ") };
    printLines(io.stdout, factLines(Object.entries({ ...facts, ...named, ...counts })));
  }
}

async function inspect(file: string, options: { readonly json?: true }, io: Io): Promise<void> {
  const bytes = await readIndexFile(file);
  if (areChanges(bytes)) return inspectChanges(bytes, options, io);
  const index = await loadHere(bytes);
  const { info } = index;
  const { changes: _, compaction, fileBytes, ...facts } = info; // the command loads without changes
  const warnings = await tableWarnings([onlyPart(index)]);
  index.dispose();
  const { tensors, metadata, byteLength } = parseHeader(bytes, bytes.byteLength);
  if (options.json) {
    const sizes = { fileBytes, headerBytes: byteLength };
    return printJson(io.stdout, { ...sizes, info, warnings, metadata, tensors });
  }
  printLines(io.stderr, warningLines(warnings));
  const rows = tensors.map(({ name, dtype, shape, begin, end }) => [
    name,
    dtype,
    `[${shape.join(", ")}]`,
    byteLength + begin,
    end - begin,
  ]);
  printLines(io.stdout, [
    ...factLines([
      ["fileBytes", fileBytes],
      ["headerBytes", byteLength],
      ...Object.entries({
        ...facts,
        recallCurves: curveText(info.recallCurves),
        ...(info.hasFineCodes && { recallQueries: info.recallQueries ?? "unknown" }),
        columns: columnsText(info.columns ?? []),
        features: info.features ? featuresText(info.features) : "none",
        calibration: calibrationText(info.calibration),
        ...(compaction && { compaction: compactionText(compaction) }),
      }),
    ]),
    "",
    ...factLines(Object.entries(metadata)),
    "",
    ...tableLines(["tensor", "dtype", "shape", "offset", "bytes"], rows),
  ]);
}

const mergedCalibrationText = (calibration: Manifest["calibration"]): string =>
  calibration === null
    ? "none"
    : calibrationText({ calibrated: isOwnEstimator(calibration.estimator), ...calibration });

const compactionText = ({ sequence, calibration, curves }: CompactionFacts): string =>
  `changes up to ${sequence}; calibration ${calibration}, recall curves ${curves}`;

import type { Command } from "commander";
import { highestRecall, type RecallCurve } from "../../format/recall-curve.ts";
import { type CalibrateOptions, calibrateFile } from "../calibrating/calibrate-file.ts";
import { type CalibratedManifest, calibrateManifest } from "../calibrating/calibrate-manifest.ts";
import { recallText } from "../calibrating/recall-text.ts";
import { calibrationFacts, fewQueriesLine } from "../calibrating/report.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { startProgress } from "../output/progress.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { readManifestFile } from "../publishing/manifest-file.ts";

/**
 * `midx calibrate`: fits the error bars of an index to queries or audits, measures its recall on the queries, and writes it
 * without a rebuild.
 */
export function addCalibrateCommand(program: Command, io: Io): void {
  program
    .command("calibrate")
    .description("fit the error bars and recall curves of an index to your queries, without building it again")
    .argument("<file>", "index file, of any format version, or a manifest of parts")
    .option(
      "--queries <file>",
      "real queries, in any input format of midx build; only from 100 on can they make bars narrower",
    )
    .option("--audits <file>", "audits of a service that served this file: the lines of its /v1/audits")
    .option("--published <file>", "the published manifest that the service had, if <file> is that of the build")
    .option("-o, --output <file>", "index file to write (default: <file> is replaced)")
    .option("--json", "print one JSON event per line")
    .addHelpText("after", EXAMPLE)
    .action((file: string, options: CalibrateOptions) => calibrate(file, options, io));
}

const EXAMPLE = `
Examples:
  $ midx calibrate words.midx --queries queries.safetensors
  $ curl -H "authorization: Bearer $TOKEN" https://words.example/v1/audits >> audits.jsonl
  $ midx calibrate words.midx --audits audits.jsonl -o calibrated.midx

The file gets a new content id: publish it like a new version. For a manifest, the answers of all
parts together are measured, and the parts stay as they are. Audits of a router belong to the
published manifest, not to that of the build. So name the published one, too:
  $ midx calibrate items/manifest.json --audits audits.jsonl --published current.json`;

async function calibrate(file: string, options: CalibrateOptions, io: Io): Promise<void> {
  const { queries, audits, published, output = file, json } = options;
  if ((queries === undefined) === (audits === undefined)) {
    throw new RangeError("'midx calibrate' expected either '--queries' or '--audits'");
  }
  if (published !== undefined && audits === undefined) {
    throw new RangeError("'--published' expected '--audits' beside it: it names the manifest that these are of");
  }
  const read = { "--queries": queries, "--audits": audits, "--published": published };
  const inputs = { ...read, ...(output !== file && { "<file>": file }) };
  await checkOutputs(inputs, { [options.output === undefined ? "<file>" : "--output"]: output }, io);
  const progress = startProgress(io, json ? "json" : "text");
  const call = { file, output, options, progress, io };
  const manifest = await readManifestFile(file);
  if (manifest) {
    const measured = await calibrateManifest(manifest, call).finally(() => progress.stop());
    return printManifest(measured, output, options, io);
  }
  if (published !== undefined) throw new RangeError(`'--published' expected a manifest as <file>, got ${file}`);
  const { calibrated, recallQueries, recallCurves, contentId } = await calibrateFile(call).finally(() =>
    progress.stop(),
  );
  const few = fewQueriesLine(calibrated);
  if (few !== undefined) printLines(io.stderr, [few]);
  if (json) {
    return printJson(io.stdout, { event: "calibrated", output, ...calibrated, recallQueries, contentId });
  }
  const recall = recallFacts(recallQueries, recallCurves);
  printLines(
    io.stdout,
    factLines([["wrote", output], ...calibrationFacts(calibrated), ...recall, ["content id", contentId]]),
  );
}

function printManifest(
  { manifest, recallQueries }: CalibratedManifest,
  output: string,
  { json }: CalibrateOptions,
  io: Io,
): void {
  const { version, generation, calibration, recallCurves } = manifest;
  const few = calibration ? fewQueriesLine(calibration) : undefined;
  if (few !== undefined) printLines(io.stderr, [few]);
  if (json) {
    printJson(io.stdout, { event: "calibrated", output, ...calibration, recallQueries, version, generation });
    return;
  }
  printLines(
    io.stdout,
    factLines([
      ["wrote", output],
      ...(calibration ? calibrationFacts(calibration) : [["calibration", "nothing was sampled"] as const]),
      ...recallFacts(recallQueries, recallCurves ?? []),
      ["version", version],
    ]),
  );
}

/** Describes recall curves that were measured on `queryCount` queries. Nothing if they were not. */
function recallFacts(
  queryCount: number | undefined,
  curves: readonly RecallCurve[],
): (readonly [name: string, value: string])[] {
  if (queryCount === undefined) return [];
  return [["recall curves", recallText({ source: "queries", queryCount, highestRecall: highestRecall(curves) })]];
}

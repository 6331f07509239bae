import { dirname, resolve } from "node:path";
import { xxh64 } from "../../arithmetic/xxh64.ts";
import { parse } from "../../format/header.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { type Manifest, type ManifestPart, sealManifest, serialiseManifest } from "../../publication/manifest.ts";
import { homeKey } from "../../publication/pointer.ts";
import { without } from "../../publication/without.ts";
import { GRIDS } from "../../train/calibration/grid.ts";
import type { CalibratedPart } from "../../train/calibration/merged-calibration.ts";
import { type MergedMeasures, measureMerged } from "../../train/calibration/merged-measures.ts";
import { startYielding } from "../../train/runtime/event-loop.ts";
import { readEvenly } from "../arguments/held-out.ts";
import { replaceFile } from "../files/replace-file.ts";
import { filesOf } from "../publishing/manifest-file.ts";
import { queriesOf } from "./audits.ts";
import type { CalibrateCall } from "./calibrate-file.ts";
import { auditsOfParts, calibrationByAudits, earlierBars, servedManifest } from "./merged-audits.ts";
import { versionOfMeasures } from "./version-of-measures.ts";

/** The result of measuring the merged answers of a manifest. */
export interface CalibratedManifest {
  readonly manifest: Manifest;
  /** The number of queries that recall curves were measured on. Absent if they are unchanged, or there are none. */
  readonly recallQueries?: number;
}

/**
 * Measures recall, error bars and statistics of the merged answers of a manifest with queries, or fits the error bars to the
 * audits of a service of its parts. Writes the manifest with them and under another version. Its parts stay as they are. They
 * are opened one after the other, and not at all for audits without queries.
 *
 * @throws RangeError if the output would not lie beside the parts, or would replace a published manifest
 */
export async function calibrateManifest(manifest: Manifest, call: CalibrateCall): Promise<CalibratedManifest> {
  const { file, output, options } = call;
  checkPlace(manifest, file, output);
  const { audits = "", queries = "" } = options;
  const measured = audits ? await byAudits(manifest, audits, call) : await byFile(manifest, queries, call);
  const { recallQueries, isCarried, ...measures } = measured;
  const { log, ...kept } = without(manifest, "contract", "previous", "generation", "statistics");
  const version = await versionOfMeasures(manifest.parts, measures);
  const logged = log && { sequence: log.sequence, ...(isCarried && { carried: true as const }) };
  const made = await sealManifest({ ...kept, version, ...measures, log: logged });
  await replaceFile(output, new TextEncoder().encode(serialiseManifest(made)));
  return { manifest: made, ...(recallQueries !== undefined && { recallQueries }) };
}

interface Result extends MergedMeasures {
  readonly recallQueries?: number;
  /** Some of the measures are still those of an older version. */
  readonly isCarried?: boolean;
}

async function byFile(manifest: Manifest, path: string, call: CalibrateCall): Promise<Result> {
  const { queries } = await readEvenly(path, GRIDS.full.queryCount, manifest.facts.dim);
  return byQueries(manifest, queries, call);
}

async function byQueries(
  manifest: Manifest,
  queries: Float32Array,
  { file, progress, io }: CalibrateCall,
): Promise<Result> {
  const { dim, metric } = manifest.facts;
  const modules = await compileInlined();
  const { openPart } = filesOf(file, manifest);
  const parts = manifest.parts.map((part): CalibratedPart => {
    const { number, classes, idBase } = part;
    return { number, classes, before: idBase, use: async (action) => action(await openPart(part)) };
  });
  const onProgress = (done: number, total: number): void => progress.report({ phase: "calibrate", done, total });
  const asked = { modules, dim, queries, onProgress, yieldIfDue: startYielding(io.signal) };
  const largest = manifest.parts.reduce((most, part) => (part.classes > most.classes ? part : most));
  const hasFineCodes = await fineCodesIn(largest, openPart);
  const earlier = earlierBars(manifest);
  const measures = await measureMerged(parts, asked, { hasFineCodes, effort: "full", metric, earlier });
  return { ...measures, ...(measures.recallCurves && { recallQueries: queries.length / dim }) };
}

/** Calibrates by the errors in audits or, if all of them hold their queries, by these queries. */
async function byAudits(manifest: Manifest, path: string, call: CalibrateCall): Promise<Result> {
  const served = await servedManifest(manifest, call.options.published);
  const audits = await auditsOfParts(path, served);
  const queries = queriesOf(audits, manifest.facts.dim, GRIDS.full.queryCount);
  const source = "audits" as const;
  if (queries) {
    const { calibration, statistics, ...measured } = await byQueries(manifest, queries, call);
    return {
      ...measured,
      calibration: calibration && { ...calibration, source },
      ...(statistics && { statistics: { ...statistics, source } }),
    };
  }
  const { recallCurves, statistics, log } = manifest;
  const calibration = calibrationByAudits(audits, served);
  const isCarried = recallCurves !== null && log?.carried === true;
  return { recallCurves, calibration, ...(statistics && { statistics }), isCarried };
}

/** The parts lie beside the manifest, and a published one changes by a publication alone. */
function checkPlace({ parts, version }: Manifest, file: string, output: string): void {
  const folder = dirname(homeKey(file, version));
  if (resolve(file) === resolve(output) && parts.every((part) => part.file === undefined)) {
    throw new RangeError(
      `${file} is published: pass '--output' with another name in ${folder}, and publish that with midx publish`,
    );
  }
  if (resolve(folder) !== dirname(resolve(output))) {
    throw new RangeError(`'--output' expected a file in ${folder}, beside the parts of the manifest, got ${output}`);
  }
}

async function fineCodesIn(
  part: ManifestPart,
  openPart: (part: ManifestPart) => Promise<Uint8Array>,
): Promise<boolean> {
  if (part.classes === 0) return false;
  const bytes = await openPart(part);
  return parse(bytes, bytes.byteLength, xxh64).facts.hasFineCodes;
}

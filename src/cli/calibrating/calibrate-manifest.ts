import { dirname, resolve } from "node:path";
import { xxh64 } from "../../arithmetic/xxh64.ts";
import { parse } from "../../format/header.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { type Manifest, type ManifestPart, sealManifest, serialiseManifest } from "../../publication/manifest.ts";
import { GRIDS } from "../../train/calibration/grid.ts";
import type { CalibratedPart } from "../../train/calibration/merged-calibration.ts";
import { measureMerged } from "../../train/calibration/merged-measures.ts";
import { startYielding } from "../../train/runtime/event-loop.ts";
import { readEvenly } from "../arguments/held-out.ts";
import { replaceFile } from "../files/replace-file.ts";
import { filesOf } from "../publishing/manifest-file.ts";
import type { CalibrateCall } from "./calibrate-file.ts";
import { versionOfMeasures } from "./version-of-measures.ts";

/** The result of measuring the merged answers of a manifest. */
export interface CalibratedManifest {
  readonly manifest: Manifest;
  readonly queryCount: number;
}

/**
 * Measures recall, error bars and statistics of the merged answers of a manifest with queries, and writes the manifest with
 * them and under another version. Its parts stay as they are. They are opened one after the other.
 *
 * @throws RangeError if the output would not lie beside the parts, or would replace a published manifest
 */
export async function calibrateManifest(
  manifest: Manifest,
  { file, output, options, progress, io }: CalibrateCall,
): Promise<CalibratedManifest> {
  const { queries: path } = options;
  if (path === undefined) {
    throw new RangeError(
      "'--audits' expected an index file, got a manifest: pass '--queries', since audits are of one file",
    );
  }
  checkPlace(manifest, file, output);
  const { dim, metric } = manifest.facts;
  const { queries } = await readEvenly(path, GRIDS.full.queryCount, dim);
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
  const measures = await measureMerged(parts, asked, { hasFineCodes, effort: "full", metric, isReal: true });
  const { contract: _, previous: __, generation: ___, statistics: ____, log, ...kept } = manifest;
  const version = await versionOfMeasures(manifest.parts, measures);
  const made = await sealManifest({ ...kept, version, ...measures, log: log && { sequence: log.sequence } });
  await replaceFile(output, new TextEncoder().encode(serialiseManifest(made)));
  return { manifest: made, queryCount: queries.length / dim };
}

/** The parts lie beside the manifest, and a published one changes by a publication alone. */
function checkPlace({ parts }: Manifest, file: string, output: string): void {
  if (dirname(resolve(file)) !== dirname(resolve(output))) {
    throw new RangeError(`'--output' expected a file in the folder of the manifest, beside its parts, got ${output}`);
  }
  if (resolve(file) !== resolve(output) || parts.some((part) => part.file !== undefined)) return;
  throw new RangeError(
    `${file} is published: pass '--output' with another name beside it, and publish that with midx publish`,
  );
}

async function fineCodesIn(
  part: ManifestPart,
  openPart: (part: ManifestPart) => Promise<Uint8Array>,
): Promise<boolean> {
  if (part.classes === 0) return false;
  const bytes = await openPart(part);
  return parse(bytes, bytes.byteLength, xxh64).facts.hasFineCodes;
}

import { basename } from "node:path";
import type { AuditLine } from "../../../worker/contract/audit-lines.ts";
import { UNCALIBRATED } from "../../../worker/router/merged-info.ts";
import { ESTIMATOR } from "../../format/calibration-values.ts";
import type { Manifest, MergedCalibration } from "../../publication/manifest.ts";
import { audited } from "../../train/calibration/audited-answers.ts";
import { fitCalibration } from "../../train/calibration/fit-calibration.ts";
import { readManifestFile } from "../publishing/manifest-file.ts";
import { readAudits } from "./audits.ts";

/** The manifest that a service had when it made its audits: the one to calibrate, or a published one of the same parts. */
export async function servedManifest(manifest: Manifest, published: string | undefined): Promise<Manifest> {
  if (published === undefined) return manifest;
  const served = await readManifestFile(published);
  if (!served) throw new RangeError(`'--published' expected a manifest of parts, got ${published}`);
  if (partsOf(served) !== partsOf(manifest)) {
    throw new RangeError(
      `'--published' expected a manifest of the same parts, but the files of ${basename(published)} are others: pass the manifest that was published`,
    );
  }
  return served;
}

/** Parts are the same if every id has the same row, and draws have the same random numbers. */
const partsOf = ({ parts }: Manifest): string =>
  parts.map(({ number, sha256, idBase }) => `${number} ${sha256} ${idBase}`).join("\n");

/** Reads the audits of a service of all parts, whose error bars follow the calibration of its manifest. */
export function auditsOfParts(path: string, { generation, calibration }: Manifest): Promise<AuditLine[]> {
  const estimator = calibration ? ESTIMATOR : UNCALIBRATED.estimator;
  const remedy = "pass the manifest that the service had as '--published', such as its current.json";
  return readAudits(path, { contentId: generation, estimator, remedy });
}

/** The calibration that the bars of merged answers follow. A part that is alone answers with the bars of its own file. */
export const earlierBars = ({
  parts,
  calibration,
}: Pick<Manifest, "parts" | "calibration">): MergedCalibration | undefined =>
  (parts.length > 1 && calibration) || undefined;

/** Fits the calibration of merged answers to the errors in audits. Null if nothing was sampled. */
export function calibrationByAudits(audits: readonly AuditLine[], served: Manifest): MergedCalibration | null {
  const earlier = earlierBars(served);
  const before = earlier ?? { factor: 1, limit: 0 };
  const basis = { source: "audits", queryCount: audits.length } as const;
  const evidence = { isReal: true, queryCount: audits.length, verified: before.limit, ...(earlier && { earlier }) };
  const values = fitCalibration(audited(audits, before), evidence);
  return values.answers === 0 ? null : { estimator: ESTIMATOR, ...basis, ...values };
}

import { createHash } from "node:crypto";
import { type Manifest, versionOfParts } from "../../publication/manifest.ts";

/**
 * Names a manifest of these parts with other measurements of their merged answers. The same parts may be published already, and
 * a version is published only once.
 */
export async function versionOfMeasures(
  parts: Manifest["parts"],
  measures: Pick<Manifest, "recallCurves" | "calibration" | "statistics">,
): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(measures)).digest("hex");
  return `${await versionOfParts(parts)}-${hash.slice(0, 8)}`;
}

import type { Checksum } from "../../bytes/sealed-header.ts";
import type { CalibrationFacts } from "../../format/calibration.ts";
import {
  type CalibrationValues,
  calibrationFromValues,
  calibrationToValues,
  ESTIMATOR,
  isOwnEstimator,
  UNMEASURED,
} from "../../format/calibration-values.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { type IndexHeader, parse } from "../../format/header.ts";
import { STATISTICS } from "../../format/statistics-values.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import { DEFAULT_LIMITS } from "../../memory/load-options.ts";
import { openIndex } from "../../memory/opened-index.ts";
import { rewriteIndex, tensorPatches } from "./rewrite-index.ts";
import { storedDispersions } from "./stored-dispersions.ts";

const VALUES: TensorName = "calibration.values";

/** An index file whose bars have the factor 1 and no limit, ready to be measured. */
export interface Uncalibrated {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly header: IndexHeader;
}

/** Reads the calibration that a file has for the estimator of this library. Undefined if it has none. */
export function calibrationOf(file: Uint8Array, { facts, tensors }: IndexHeader): CalibrationValues | undefined {
  const place = tensors[VALUES];
  if (!isOwnEstimator(facts.calibration?.estimator) || place === undefined) return undefined;
  return calibrationFromValues(new Float32Array(file.slice(place.begin, place.end).buffer));
}

/** Replaces the calibration of a file by an unmeasured one. A file of format 1.0 gets its dispersions as well. */
export async function withoutCalibration(
  modules: Modules,
  file: Uint8Array,
  source: Omit<CalibrationFacts, "estimator">,
): Promise<Uncalibrated> {
  const checksum = checksumOf(modules);
  const header = parse(file, file.byteLength, checksum);
  const measured = header.facts.dispersion ? {} : await measureDispersions(modules, file);
  const { compaction } = header.facts;
  const facts: IndexFacts = {
    ...header.facts,
    dispersion: {},
    calibration: { estimator: ESTIMATOR, ...source },
    ...(compaction && { compaction: { ...compaction, calibration: "measured" } }),
  };
  const replaced = { ...measured, [VALUES]: bytesOf(calibrationToValues(UNMEASURED)) };
  const written = rewriteIndex(file, header, facts, replaced, checksum);
  return { file: written, header: parse(written, written.byteLength, checksum) };
}

async function measureDispersions(
  modules: Modules,
  file: Uint8Array,
): Promise<Partial<Record<TensorName, Uint8Array>>> {
  const opened = await openIndex(modules, file, { ...DEFAULT_LIMITS, maxBytes: ADDRESSABLE_BYTES });
  const tensors = Object.entries(storedDispersions(opened));
  return Object.fromEntries(tensors.map(([name, values]) => [name, bytesOf(values)]));
}

/** Writes a calibration into a file that has room for it, and returns the file. */
export function putCalibration<File extends Uint8Array>(modules: Modules, file: File, values: CalibrationValues): File {
  const checksum = checksumOf(modules);
  const header = parse(file, file.byteLength, checksum);
  for (const { position, bytes } of calibrationPatches(header, checksum, values)) file.set(bytes, position);
  return file;
}

/**
 * Returns the changes that writing a calibration makes to an index file that has the section. With `statistics`, the changes
 * of that section are included.
 */
export const calibrationPatches = (
  header: IndexHeader,
  checksum: Checksum,
  values: CalibrationValues,
  statistics?: Float32Array,
) =>
  tensorPatches(header, checksum, {
    [VALUES]: bytesOf(calibrationToValues(values)),
    ...(statistics && { [`${STATISTICS}.values`]: bytesOf(statistics) }),
  });

const checksumOf = ({ query }: Modules): Checksum => checksumWith(instantiateQuery(query));
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

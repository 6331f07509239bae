import { sha256 } from "../../../bytes/sha256.ts";
import { type Manifest, type ManifestPart, versionOfParts } from "../../../publication/manifest.ts";
import { type MeasureOrigins, measureOrigins } from "../../../publication/measure-origins.ts";
import type { CompactionReport, CompactOptions } from "../compact-options.ts";
import type { ChangesOfParts } from "./changes-by-part.ts";
import { readKnownParts } from "./known-parts.ts";
import type { MeasuredPartFile, PartFiles, PartsTools } from "./parts-tools.ts";

/** The report of a compaction of parts: sums over the parts that were compacted, and the number of all classes. */
export interface PartsReport extends Omit<CompactionReport, "newIds"> {
  /** The number of parts that have changes. The others stay as they are, byte for byte. */
  readonly compactedParts: number;
}

/** The next manifest, before it is named and sealed by a publication, and the report. */
export interface CompactedParts {
  readonly made: UnsealedManifest;
  readonly report: PartsReport;
}

export type UnsealedManifest = Omit<Manifest, "generation" | "contract" | "previous">;

/** A compaction of the parts of a manifest. */
export interface PartsToCompact {
  readonly manifest: Manifest;
  readonly changes: ChangesOfParts;
  readonly tools: PartsTools;
  readonly files: PartFiles;
  /** Options for each part that is compacted. */
  readonly options: Omit<CompactOptions, "sequence">;
  /** Called before each step. If it throws, the compaction ends. */
  readonly onStep?: (step: PartsStep) => void;
}

/** A step of a compaction of parts, before it is made. */
export interface PartsStep {
  readonly phase: "read" | "compact" | "measure";
  /** The parts so far, of `total`. */
  readonly done: number;
  readonly total: number;
  /** The part that is read or compacted. */
  readonly part?: ManifestPart;
}

/**
 * Compacts those parts of a manifest that have changes, one after the other, and measures them together with the other parts,
 * which stay as they are. One part is in memory at a time.
 *
 * @throws Error if the parts take no changes; RangeError for changes that do not fit, or that take more than `maxBytes`
 */
export async function compactParts(given: PartsToCompact): Promise<CompactedParts> {
  const { manifest, changes, files, onStep = () => {} } = given;
  const total = manifest.parts.length;
  if (!manifest.facts.hasLabels) {
    throw new Error(
      `version ${manifest.version} takes no changes: its parts have no labels, which say where a change goes: build them with labels`,
    );
  }
  const known = await readKnownParts(manifest, changes.labels, files, (part, done) =>
    onStep({ phase: "read", done, total, part }),
  );
  const changesOf = changes.byPart(known);
  const compaction = new PartsCompaction(given);
  for (const [done, part] of manifest.parts.entries()) {
    const sets = changesOf(done);
    if (sets.length > 0) onStep({ phase: "compact", done, total, part });
    await compaction.add(part, sets);
  }
  onStep({ phase: "measure", done: 0, total: 1 });
  return compaction.finished();
}

/** The parts of the next version, as far as they are made. */
class PartsCompaction {
  readonly #given: PartsToCompact;
  readonly #parts: ManifestPart[] = [];
  #report: PartsReport;

  constructor(given: PartsToCompact) {
    const { manifest, changes } = given;
    // Files of changes may count from 1 where a publication has stated the number of a log.
    const sequence = Math.max(changes.sequence, manifest.log?.sequence ?? 0);
    this.#given = given;
    this.#report = {
      base: manifest.generation,
      sequence,
      itemCount: 0,
      kept: 0,
      replaced: 0,
      removed: 0,
      added: 0,
      coded: 0,
      outlierCount: 0,
      calibration: "none",
      curves: "none",
      statistics: "none",
      compactedParts: 0,
    };
  }

  /** Compacts the next part with its changes, or takes it as it is if it has none. */
  async add(part: ManifestPart, sets: readonly Uint8Array[]): Promise<void> {
    const report = this.#report;
    const idBase = report.itemCount;
    if (sets.length === 0) {
      this.#parts.push({ ...part, idBase });
      this.#report = { ...report, itemCount: idBase + part.classes, kept: report.kept + part.classes };
      return;
    }
    const { tools, files, options } = this.#given;
    const { file, report: own } = await tools.compact(await files.read(part), sets, {
      ...options,
      sequence: report.sequence,
    });
    const info = await tools.describe(file);
    const { itemCount, memoryBytes } = info;
    const made = { sha256: await sha256(file), byteLength: file.byteLength, classes: itemCount, idBase, memoryBytes };
    this.#parts.push(await files.keep({ ...part, ...made }, file, info));
    const sum = (name: "kept" | "replaced" | "removed" | "added" | "coded" | "outlierCount") =>
      report[name] + own[name];
    this.#report = {
      ...report,
      itemCount: idBase + itemCount,
      kept: sum("kept"),
      replaced: sum("replaced"),
      removed: sum("removed"),
      added: sum("added"),
      coded: sum("coded"),
      outlierCount: sum("outlierCount"),
      compactedParts: report.compactedParts + 1,
    };
  }

  /** Measures the recall and the calibration of all parts together, and makes the manifest. */
  async finished(): Promise<CompactedParts> {
    const { manifest, tools, files, options } = this.#given;
    const { sequence } = this.#report;
    const { contract: _contract, previous: _previous, generation: _generation, ...older } = manifest;
    const parts = this.#parts;
    const { itemCount: classes, compactedParts } = this.#report;
    if (compactedParts === 0) {
      // Only labels that no part has were removed. The same parts have these changes, too, so the log can be trimmed of them.
      const version = `${await versionOfParts(parts)}-${sequence}`;
      return this.#reported({ ...older, version, log: { ...older.log, sequence } });
    }
    const read = parts.map((part): MeasuredPartFile => ({ ...part, read: () => files.read(part) }));
    const { carried, ...measures } = await tools.measure(read, { ...manifest, classes });
    const { recallCurves: _curves, calibration: _calibration, statistics: _statistics, ...kept } = older;
    const name = await versionOfParts(parts);
    // Whoever can measure the merged answers of the same parts makes another version.
    const isMeasured = measures.calibration !== manifest.calibration || measures.recallCurves !== manifest.recallCurves;
    const version = isMeasured || options.calibrate === "carry" ? name : `${name}-carried`;
    return this.#reported({
      ...kept,
      version,
      classes,
      parts,
      ...measures,
      log: { sequence, ...(carried && { carried }) },
    });
  }

  #reported(made: UnsealedManifest): CompactedParts {
    const origins: MeasureOrigins = measureOrigins(made);
    return { made, report: { ...this.#report, ...origins } };
  }
}

import { tmpdir } from "node:os";
import { sha256 } from "../../bytes/sha256.ts";
import { load } from "../../index.ts";
import { labelsOf } from "../../parts/opened-of.ts";
import type { ChangeLog } from "../../publication/change-log.ts";
import { type Manifest, type ManifestPart, sealManifest, versionOfParts } from "../../publication/manifest.ts";
import { measureOrigins } from "../../publication/measure-origins.ts";
import { refuseDuringCanary } from "../../publication/publishing/canary.ts";
import { type ReadPointer, sequenceOf } from "../../publication/publishing/current.ts";
import { readFile } from "../../publication/publishing/single-file.ts";
import { compact } from "../../train/compaction/compact-inlined.ts";
import type { CompactionReport } from "../../train/compaction/compact-options.ts";
import { setsBehind } from "../../train/compaction/log-sets.ts";
import { publishManifest } from "../publishing/publish-manifest.ts";
import type { Store } from "../publishing/store.ts";
import { pointerOf } from "../publishing/stored-version.ts";
import { verified } from "../publishing/verified-file.ts";
import { openScratch, type ScratchFile } from "../scratch/scratch-file.ts";
import { changesByPart, type LoggedChanges, loggedChanges } from "./changes-by-part.ts";
import { type MeasureOptions, measuredWith } from "./measure-options.ts";
import { type CompactedPart, measureParts } from "./measure-parts.ts";
import type { CompactPublishedOptions } from "./published-options.ts";

/** The report of a compaction of parts: sums over the parts that were compacted, and the number of all classes. */
export interface PartsReport extends Omit<CompactionReport, "newIds"> {
  /** The number of parts that have changes. The others stay as they are, byte for byte. */
  readonly compactedParts: number;
}

/** A compacted manifest, or the present one if it has all changes. */
export interface CompactedManifest {
  readonly outcome: "published" | "current";
  readonly pointer: Manifest;
  readonly report?: PartsReport;
}

/**
 * Compacts those parts of the published manifest that have changes in the log, and publishes a manifest of them and of the
 * other parts, which stay as they are. One part is in memory at a time; compacted ones wait in files without a name.
 */
export async function compactParts(
  store: Store,
  pointerKey: string,
  before: ReadPointer & { readonly pointer: Manifest },
  log: ChangeLog,
  options: CompactPublishedOptions,
): Promise<CompactedManifest> {
  const { onStep, isIncompatible = false, isForced = false, isDeployed = false } = options;
  const manifest = before.pointer;
  const { sequence, sets } = await setsBehind(log, sequenceOf(manifest));
  if (sequence === sequenceOf(manifest)) return { outcome: "current", pointer: manifest };
  refuseDuringCanary(before);
  if (!manifest.facts.hasLabels) {
    throw new Error(
      `version ${manifest.version} takes no changes: its parts have no labels, which say where a change goes`,
    );
  }
  const changes = await loggedChanges(sets);
  const read = async (part: ManifestPart): Promise<Uint8Array<ArrayBuffer>> =>
    readFile(store, pointerKey, await pointerOf(store, pointerKey, manifest, part));
  const known = await knownLabels(manifest, changes, read, onStep);
  const scratch = new Map<number, ScratchFile>();
  try {
    const compaction = new PartsCompaction(manifest, sequence, { ...options.compact }, read, scratch);
    const own = changesByPart(changes, known);
    for (const [place, ownSets] of own.entries()) {
      onStep({ phase: "compact", done: place, total: own.length });
      await compaction.add(manifest.parts[place] as ManifestPart, ownSets);
    }
    onStep({ phase: "measure", done: 0, total: 1 });
    const { made, report } = await compaction.finished();
    const version = options.version ?? made.version;
    const published = await publishManifest(
      store,
      pointerKey,
      { manifest: made, readPart: async (part) => verified(await compaction.read(part)), openPart: compaction.read },
      { version, onStep, isIncompatible, isForced, isDeployed, expected: before },
    );
    return { outcome: published.outcome, pointer: published.pointer, report };
  } finally {
    for (const file of scratch.values()) file.close();
  }
}

type ReadPart = (part: ManifestPart) => Promise<Uint8Array<ArrayBuffer>>;

/** Finds those of the changed labels that each part has. */
async function knownLabels(
  { parts }: Manifest,
  { labels }: LoggedChanges,
  read: ReadPart,
  onStep: CompactPublishedOptions["onStep"],
): Promise<ReadonlySet<string>[]> {
  const known: ReadonlySet<string>[] = [];
  for (const [done, part] of parts.entries()) {
    onStep({ phase: "read", done, total: parts.length });
    const index = await load(await read(part), { maxBytes: Number.MAX_SAFE_INTEGER });
    const own = labelsOf(index);
    known.push(new Set([...labels].filter((label) => own.find(label) !== undefined)));
    index.dispose();
  }
  return known;
}

/** The parts of the next version, as far as they are made. */
class PartsCompaction {
  report: PartsReport;
  readonly #parts: ManifestPart[] = [];
  readonly #manifest: Manifest;
  readonly #options: MeasureOptions;
  readonly #read: ReadPart;
  readonly #scratch: Map<number, ScratchFile>;

  constructor(
    manifest: Manifest,
    sequence: number,
    options: MeasureOptions,
    read: ReadPart,
    scratch: Map<number, ScratchFile>,
  ) {
    this.#manifest = manifest;
    this.#options = options;
    this.#read = read;
    this.#scratch = scratch;
    this.report = {
      ...{ base: manifest.generation, sequence, itemCount: 0, kept: 0, replaced: 0, removed: 0, added: 0, coded: 0 },
      ...{ outlierCount: 0, calibration: "none", curves: "none", compactedParts: 0 },
    };
  }

  /** Compacts the next part with its changes, or takes it as it is if it has none. */
  async add(part: ManifestPart, sets: readonly Uint8Array[]): Promise<void> {
    const { report } = this;
    const idBase = report.itemCount;
    if (sets.length === 0) {
      this.#parts.push({ ...part, idBase });
      this.report = { ...report, itemCount: idBase + part.classes, kept: report.kept + part.classes };
      return;
    }
    const base = await this.#read(part);
    const options = { ...(await measuredWith(base, this.#options)), sequence: report.sequence };
    const { file, report: own } = await compact(base, sets, options);
    const { info } = await verified(file);
    const scratch = openScratch(tmpdir());
    this.#scratch.set(part.number, scratch);
    scratch.write(0, file);
    const made = { sha256: await sha256(file), byteLength: file.byteLength, classes: info.itemCount, idBase };
    this.#parts.push({ ...part, ...made, memoryBytes: info.memoryBytes });
    const sum = (name: "kept" | "replaced" | "removed" | "added" | "coded" | "outlierCount") =>
      report[name] + own[name];
    this.report = {
      ...{ ...report, itemCount: idBase + info.itemCount, kept: sum("kept"), replaced: sum("replaced") },
      ...{ removed: sum("removed"), added: sum("added"), coded: sum("coded"), outlierCount: sum("outlierCount") },
      compactedParts: report.compactedParts + 1,
    };
  }

  /** Reads a part of the next version. */
  readonly read: ReadPart = async (part) => {
    const scratch = this.#scratch.get(part.number);
    if (!scratch) return this.#read(part);
    const file = new Uint8Array(part.byteLength);
    scratch.read(0, file);
    return file;
  };

  /** Measures the recall and the calibration of all parts together, and makes the manifest. */
  async finished(): Promise<{ readonly made: Manifest; readonly report: PartsReport }> {
    const { contract: _, previous: __, generation: ___, ...older } = this.#manifest;
    const parts = this.#parts;
    const { sequence } = this.report;
    if (this.report.compactedParts === 0) {
      // Only labels that no part has were removed. The same parts have these changes, too, so the log can be trimmed of them.
      const version = `${await versionOfParts(parts)}-${sequence}`;
      const made = await sealManifest({ ...older, version, log: { ...older.log, sequence } });
      return { made, report: { ...this.report, ...measureOrigins(made) } };
    }
    const read = parts.map((part): CompactedPart => ({ ...part, read: () => this.read(part) }));
    const unmeasured = { ...this.#manifest, classes: this.report.itemCount };
    const { recallCurves, calibration, carried } = await measureParts(read, unmeasured, this.#options);
    const made = await sealManifest({
      ...{ ...older, version: await versionOfParts(parts), classes: this.report.itemCount, parts },
      ...{ recallCurves, calibration, log: { sequence, ...(carried && { carried }) } },
    });
    return { made, report: { ...this.report, ...measureOrigins(made) } };
  }
}

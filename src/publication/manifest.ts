import { sha256 } from "../bytes/sha256.ts";
import { shown } from "../checks/check.ts";
import type { CalibrationFacts } from "../format/calibration.ts";
import type { BarCalibration } from "../format/calibration-values.ts";
import { MAX_DIM, MAX_ITEMS } from "../format/limits.ts";
import type { RecallCurve } from "../format/recall-curve.ts";
import { type Canary, canaryOf } from "./canary.ts";
import type { ClientFacts } from "./client-facts.ts";
import {
  arrayOf,
  digestOf,
  fault,
  flagOf,
  integerOf,
  metricOf,
  objectOf,
  onlyFields,
  parseJson,
  reading,
  versionOf,
} from "./fields.ts";
import { calibrationOf, curvesOf } from "./merged-measures.ts";
import { type MergedStatistics, statisticsOf } from "./merged-statistics.ts";
import { type PartPlace, placeIn, type TrustedPlaces } from "./part-place.ts";
import { checkRanges } from "./part-ranges.ts";

/*
 * A manifest names the parts of an index that is split over several files. It stands where a pointer would:
 *
 *   words/manifest.json         written by midx build --parts, beside its parts:
 *   words/part-0000-3f5a….midx  a part, an index file of its own
 *
 *   words/current.json          written by midx publish, where each part has a pointer:
 *   words/versions/3f5a….json   the pointer of a part
 *
 * It has one form only: a text that is not exactly what serialiseManifest writes is refused.
 */

/** The parts of one index, and the facts about all of them together. */
export interface Manifest {
  /** The name of the served version, as in pointers. */
  readonly version: string;
  /** The SHA-256 of the text without this field and `canary`. Answers of parts of different generations are never merged. */
  readonly generation: string;
  /** N, the number of classes of all parts. */
  readonly classes: number;
  /** The facts that clients depend on. */
  readonly facts: ManifestFacts;
  /** The parts by ascending ids. */
  readonly parts: readonly ManifestPart[];
  /** The recall of merged answers. Null until it is measured. */
  readonly recallCurves: readonly RecallCurve[] | null;
  /** The calibration of the error bars of merged answers. Null until it is measured. */
  readonly calibration: MergedCalibration | null;
  /** The statistics of merged answers to real queries. Absent if there are none: older readers refuse the field. */
  readonly statistics?: MergedStatistics;
  /** The changes of the log that the parts have. Null if they have none. */
  readonly log: ManifestLog | null;
  /** As in pointers. */
  readonly contract?: string;
  /** As in pointers. */
  readonly previous?: string;
  /** As in pointers. The parts and their generation stay the same while another version is tried beside them. */
  readonly canary?: Canary;
}

/** The log of changes that services of the manifest follow. */
export interface ManifestLog {
  /** The number of the last change that the parts have. */
  readonly sequence: number;
  /**
   * True if the recall curves and the calibration of merged answers come from an older version, and say nothing about these
   * classes.
   */
  readonly carried?: true;
}

/** The facts on which clients depend, except for the number of classes. All parts have the same. */
export interface ManifestFacts extends Pick<ClientFacts, "dim" | "metric" | "hasLabels"> {
  /** The name of the space that rows and queries are in, if it has one. */
  readonly space?: string;
}

/** A part: an index file with a contiguous range of the ids. */
export interface ManifestPart extends PartPlace {
  /** Unique among the parts. It enters the part's random numbers, so it stays the same wherever the part is served. */
  readonly number: number;
  /** The SHA-256 of the file, in hex. */
  readonly sha256: string;
  /** The size of the file. */
  readonly byteLength: number;
  /** The number of classes of the part. */
  readonly classes: number;
  /** The id of the part's first class. */
  readonly idBase: number;
  /** The WebAssembly memory of the part as a Worker loads it, in bytes. */
  readonly memoryBytes: number;
  /** The number of hosts that serve the part. Default: 1. */
  readonly replicas?: number;
}

/** The result of a comparison of merged answers with exact ones, about their error bars. */
export interface MergedCalibration extends CalibrationFacts, BarCalibration {}

export const MAX_MANIFEST_PARTS = 1024;
/** The largest part number. */
const MAX_PART_NUMBER = 65535;
const MAX_REPLICAS = 16;
/** The largest manifest in bytes, so no reader needs to read further. */
export const MAX_MANIFEST_BYTES = 1048576;
const FORMAT_VERSION = 1;

/** Returns the text of which the generation is the SHA-256, or with a generation the text of the manifest. */
const textOf = (manifest: Omit<Manifest, "generation"> & { readonly generation?: string }): string => {
  const { version, generation, classes, facts, parts, ...rest } = manifest;
  const { recallCurves, calibration, statistics, log, contract, previous, canary } = rest;
  const form = { kind: "manifest", formatVersion: FORMAT_VERSION, version, generation, classes, facts, parts };
  const measured = { recallCurves, calibration, statistics };
  return `${JSON.stringify({ ...form, ...measured, log, contract, previous, canary }, undefined, 2)}\n`;
};

/** Adds the generation to a manifest, whose fields are in the order of their types. */
export async function sealManifest(unsealed: Omit<Manifest, "generation">): Promise<Manifest> {
  return { ...unsealed, generation: await generationOf(unsealed) };
}

/** Writes the one form of a manifest. */
export const serialiseManifest = (manifest: Manifest): string => textOf(manifest);

const generationOf = ({
  generation: _,
  canary: __,
  ...rest
}: Omit<Manifest, "generation"> & { readonly generation?: string }) => hashOf(textOf(rest));

/** The SHA-256 of a text. The types of Workers do not state the memory of a text's bytes, so they are copied. */
const hashOf = (text: string): Promise<string> => sha256(new Uint8Array(new TextEncoder().encode(text)));

/** Returns whether JSON is a manifest rather than a pointer. It checks nothing else. */
export const isManifestText = (text: string): boolean => /^\s*\{\s*"kind"\s*:\s*"manifest"/.test(text);

/** The name of a version that nobody named: the first 12 digits of a hash of the parts. */
export const versionOfParts = async (parts: readonly Pick<ManifestPart, "sha256">[]): Promise<string> =>
  (await hashOf(parts.map((part) => part.sha256).join("\n"))).slice(0, 12);

/**
 * Parses the manifest in the bytes that a reader has read, at most MAX_MANIFEST_BYTES and one more.
 *
 * @throws FormatError with code "manifest", which names the field, the expected and the actual value
 */
export async function manifestIn(bytes: Uint8Array, trusted: TrustedPlaces = {}): Promise<Manifest> {
  const manifest = reading("manifest", () => {
    if (bytes.byteLength > MAX_MANIFEST_BYTES) throw fault(`expected at most ${MAX_MANIFEST_BYTES} bytes, got more`);
    return manifestOf(new TextDecoder().decode(bytes), trusted);
  });
  const generation = await generationOf(manifest);
  return reading("manifest", () => {
    if (manifest.generation === generation) return manifest;
    const expected = `"generation" expected the SHA-256 of the text without it, ${generation}`;
    throw fault(
      `${expected}, got ${manifest.generation}: something has changed the file, so publish or build it again`,
    );
  });
}

const FIELDS = ["kind", "formatVersion", "version", "generation", "classes", "facts", "parts", "recallCurves"];
const LATER_FIELDS = ["calibration", "statistics", "log", "contract", "previous", "canary"];
const PART_FIELDS = [
  "number",
  "file",
  "pointer",
  "sha256",
  "byteLength",
  "classes",
  "idBase",
  "memoryBytes",
  "replicas",
];

function manifestOf(text: string, trusted: TrustedPlaces): Manifest {
  const fields = objectOf(parseJson(text), "the manifest");
  if (fields.kind !== "manifest") {
    throw fault(`"kind" expected "manifest", which a router needs, got ${shown(fields.kind)}`);
  }
  if (fields.formatVersion !== FORMAT_VERSION) {
    throw fault(`"formatVersion" expected ${FORMAT_VERSION}, got ${shown(fields.formatVersion)}: update midx here`);
  }
  onlyFields(fields, [...FIELDS, ...LATER_FIELDS], "", "manifest");
  const { version, generation, classes, contract, previous, canary } = fields;
  const statistics = statisticsOf(fields.statistics);
  const manifest: Manifest = {
    version: versionOf(version, "version"),
    generation: digestOf(generation, "generation"),
    classes: integerOf(classes, "classes", 0, MAX_ITEMS),
    facts: factsOf(fields.facts),
    parts: arrayOf(fields.parts, "parts", MAX_MANIFEST_PARTS).map((part, i) => partOf(part, `parts[${i}]`, trusted)),
    recallCurves: curvesOf(fields.recallCurves),
    calibration: calibrationOf(fields.calibration),
    ...(statistics && { statistics }),
    log: logOf(fields.log),
    ...(contract !== undefined && { contract: versionOf(contract, "contract") }),
    ...(previous !== undefined && { previous: versionOf(previous, "previous") }),
    ...(canary !== undefined && { canary: canaryOf(canary, "manifest") }),
  };
  checkRanges(manifest);
  if (serialiseManifest(manifest) === text) return manifest;
  throw fault("expected its fields once, in order and with the white space that midx writes, got another form");
}

function logOf(value: unknown): ManifestLog | null {
  if (value === null) return null;
  const { sequence, carried } = onlyFields(objectOf(value, '"log"'), ["sequence", "carried"], "log.", "manifest");
  if (carried !== undefined && carried !== true) throw fault(`"log.carried" expected true, got ${shown(carried)}`);
  return {
    sequence: integerOf(sequence, "log.sequence", 1, Number.MAX_SAFE_INTEGER),
    ...(carried && { carried }),
  };
}

function factsOf(value: unknown): ManifestFacts {
  const facts = onlyFields(objectOf(value, '"facts"'), ["dim", "metric", "hasLabels", "space"], "facts.", "manifest");
  return {
    dim: integerOf(facts.dim, "facts.dim", 1, MAX_DIM),
    metric: metricOf(facts.metric, "facts.metric"),
    hasLabels: flagOf(facts.hasLabels, "facts.hasLabels"),
    ...(facts.space !== undefined && { space: versionOf(facts.space, "facts.space") }),
  };
}

function partOf(value: unknown, at: string, trusted: TrustedPlaces): ManifestPart {
  const part = onlyFields(objectOf(value, `"${at}"`), PART_FIELDS, `${at}.`, "manifest");
  return {
    number: integerOf(part.number, `${at}.number`, 0, MAX_PART_NUMBER),
    ...placeIn(part, at, trusted),
    sha256: digestOf(part.sha256, `${at}.sha256`),
    byteLength: integerOf(part.byteLength, `${at}.byteLength`, 1, Number.MAX_SAFE_INTEGER),
    classes: integerOf(part.classes, `${at}.classes`, 0, MAX_ITEMS),
    idBase: integerOf(part.idBase, `${at}.idBase`, 0, MAX_ITEMS),
    memoryBytes: integerOf(part.memoryBytes, `${at}.memoryBytes`, 1, Number.MAX_SAFE_INTEGER),
    ...(part.replicas !== undefined && { replicas: integerOf(part.replicas, `${at}.replicas`, 1, MAX_REPLICAS) }),
  };
}

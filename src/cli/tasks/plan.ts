import { createHash } from "node:crypto";
import { shown } from "../../checks/check.ts";
import { MAX_BITS, MAX_DIM, MAX_ITEMS } from "../../format/limits.ts";
import {
  arrayOf,
  digestOf,
  fault,
  flagOf,
  integerOf,
  objectOf,
  onlyFields,
  parseJson,
  reading,
  versionOf,
} from "../../publication/fields.ts";
import { MAX_MANIFEST_PARTS } from "../../publication/manifest.ts";
import { MAX_WARM_PASSES } from "../../train/build/warm-start.ts";
import { type CalibrationEffort, EFFORTS } from "../../train/calibration/grid.ts";
import { VERSION } from "../../version.ts";
import { FORMAT_NAMES, type FormatName } from "../inputs/formats.ts";

/**
 * A plan divides the build of an index in parts into tasks. Every task depends only on the plan and on the tasks before it, so
 * any number of machines that see the same files can run them, and all of them write the same bytes.
 */
export interface BuildPlan {
  readonly input: PlannedInput;
  readonly settings: PlannedSettings;
  readonly itemCount: number;
  readonly dim: number;
  /** The blocks of rows, in order. */
  readonly parts: readonly PlannedPart[];
  /** The fingerprints of the input files, and of the shards that they name, when the plan was made. */
  readonly fingerprints: readonly Fingerprint[];
}

/** Options of `midx build` that name inputs. Paths are relative to the folder of the plan, absolute, or URLs. */
export interface PlannedInput {
  readonly embeddings: string;
  readonly format?: FormatName;
  readonly tensor?: string;
  readonly bias?: string;
  readonly counts?: string;
  readonly idField?: string | false;
  readonly labels?: string;
  readonly header?: "present" | "absent";
  readonly dropInvalid?: true;
  readonly dim?: number;
  readonly queries?: string;
  readonly columns?: string;
  readonly metadata?: string;
  readonly namespaceField?: string;
  readonly encoder?: string;
  readonly encoderNames?: string;
  readonly warmFrom?: string;
}

/** Options of `midx build` that determine the bytes of the parts. */
export interface PlannedSettings {
  readonly quantizer: "rq" | "pq";
  readonly bits: number;
  readonly rowType: "i8" | "f16" | "f32";
  readonly metric: "dot" | "cosine";
  readonly fineCodes: boolean;
  readonly residuals: boolean;
  readonly calibrate: CalibrationEffort;
  /** An integer. JSON numbers can't hold all of them. */
  readonly seed: string;
  /** Updates of the codebooks of the input `warmFrom`. */
  readonly warmPasses?: number;
  /** In MiB. A part that can't be measured within it is not measured. */
  readonly maxMemory?: number;
  /** The name of the space of the rows. */
  readonly space?: string;
  /** The name of the version, for the manifest. Default: by the parts. */
  readonly version?: string;
}

/** A block of rows that becomes a part. */
export interface PlannedPart {
  readonly number: number;
  readonly firstRow: number;
  readonly rows: number;
}

/** The length of a file, and the SHA-256 of its length and of blocks of it. It detects another file, but not every change. */
export interface Fingerprint {
  readonly path: string;
  readonly byteLength: number;
  readonly sha256: string;
  /** The ETag of a file at a URL, or else the time of its last change. Every task demands this version. */
  readonly validator?: string;
}

/** Writes the one form of a plan. */
export function serialisePlan({ input, settings, itemCount, dim, parts, fingerprints }: BuildPlan): string {
  const form = { kind: "build-plan", formatVersion: 1, builder: `midx ${VERSION}` };
  return `${JSON.stringify({ ...form, input, settings, itemCount, dim, parts, fingerprints }, undefined, 2)}\n`;
}

/** Identifies a plan: the SHA-256 of its text. */
export const planId = (plan: BuildPlan): string => createHash("sha256").update(serialisePlan(plan)).digest("hex");

/** The most input files: the embeddings, the others, and the shards that three tensors of them and three vectors may be in. */
const MOST_FILES = 15;
/** The largest plan in bytes. */
export const MAX_PLAN_BYTES = 1048576;

/** Parses a plan. Throws a FormatError with the code "plan", which names the field, the expected and the actual value. */
export function parsePlan(text: string): BuildPlan {
  return reading("plan", () => {
    const fields = objectOf(parseJson(text), "the plan");
    if (fields.kind !== "build-plan") throw fault(`"kind" expected "build-plan", got ${shown(fields.kind)}`);
    if (fields.formatVersion !== 1) throw fault(`"formatVersion" expected 1, got ${shown(fields.formatVersion)}`);
    if (fields.builder !== `midx ${VERSION}`) {
      const expected = `"builder" expected "midx ${VERSION}", got ${shown(fields.builder)}`;
      throw fault(`${expected}: all machines need the midx that made the plan, or make it again with this one`);
    }
    const plan: BuildPlan = {
      input: inputOf(fields.input),
      settings: settingsOf(fields.settings),
      itemCount: integerOf(fields.itemCount, "itemCount", 1, MAX_ITEMS),
      dim: integerOf(fields.dim, "dim", 1, MAX_DIM),
      parts: arrayOf(fields.parts, "parts", MAX_MANIFEST_PARTS).map(partOf),
      fingerprints: arrayOf(fields.fingerprints, "fingerprints", MOST_FILES).map(fingerprintOf),
    };
    checkBlocks(plan);
    if (serialisePlan(plan) === text) return plan;
    throw fault("expected its fields in the form that midx build-plan writes, got another form: make the plan again");
  });
}

/** The options that name inputs, in the order of a plan. */
export const INPUT_OPTIONS = [
  "format",
  "tensor",
  "bias",
  "counts",
  "idField",
  "labels",
  "header",
  "dropInvalid",
  "dim",
  "queries",
  "columns",
  "metadata",
  "namespaceField",
  "encoder",
  "encoderNames",
  "warmFrom",
] as const;
const TEXTS = [
  ...["tensor", "bias", "counts", "labels", "queries"],
  ...["columns", "metadata", "namespaceField", "encoder", "encoderNames", "warmFrom"],
] as const;
/** The inputs that are files, or may be, beside the embeddings. */
export const FILE_INPUTS = [
  ...["bias", "counts", "labels", "queries", "metadata", "encoder", "encoderNames", "warmFrom"],
] as const satisfies readonly (keyof PlannedInput)[];

function inputOf(value: unknown): PlannedInput {
  const input = onlyFields(objectOf(value, '"input"'), ["embeddings", ...INPUT_OPTIONS], "input.", "plan");
  textOf(input.embeddings, "input.embeddings");
  if (input.format !== undefined) oneOf(input.format, "input.format", FORMAT_NAMES);
  for (const name of TEXTS) if (input[name] !== undefined) textOf(input[name], `input.${name}`);
  if (input.idField !== undefined && input.idField !== false) textOf(input.idField, "input.idField");
  if (input.header !== undefined) oneOf(input.header, "input.header", ["present", "absent"]);
  if (input.dropInvalid !== undefined && input.dropInvalid !== true) throw fault('"input.dropInvalid" expected true');
  if (input.dim !== undefined) integerOf(input.dim, "input.dim", 1, MAX_DIM);
  return input as unknown as PlannedInput;
}

const SETTINGS = [
  ...["quantizer", "bits", "rowType", "metric", "fineCodes", "residuals", "calibrate", "seed", "maxMemory"],
  ...["warmPasses", "space", "version"],
];

function settingsOf(value: unknown): PlannedSettings {
  const settings = onlyFields(objectOf(value, '"settings"'), SETTINGS, "settings.", "plan");
  oneOf(settings.quantizer, "settings.quantizer", ["rq", "pq"]);
  integerOf(settings.bits, "settings.bits", 0, MAX_BITS);
  oneOf(settings.rowType, "settings.rowType", ["i8", "f16", "f32"]);
  oneOf(settings.metric, "settings.metric", ["dot", "cosine"]);
  flagOf(settings.fineCodes, "settings.fineCodes");
  flagOf(settings.residuals, "settings.residuals");
  oneOf(settings.calibrate, "settings.calibrate", EFFORTS);
  if (typeof settings.seed !== "string" || !/^-?\d{1,40}$/.test(settings.seed)) {
    throw fault(`"settings.seed" expected an integer in quotes, got ${shown(settings.seed)}`);
  }
  if (settings.maxMemory !== undefined) integerOf(settings.maxMemory, "settings.maxMemory", 1, 2 ** 20);
  if (settings.warmPasses !== undefined) integerOf(settings.warmPasses, "settings.warmPasses", 0, MAX_WARM_PASSES);
  if (settings.space !== undefined) versionOf(settings.space, "settings.space");
  if (settings.version !== undefined) versionOf(settings.version, "settings.version");
  return settings as unknown as PlannedSettings;
}

function partOf(value: unknown, i: number): PlannedPart {
  const at = `parts[${i}]`;
  const part = onlyFields(objectOf(value, `"${at}"`), ["number", "firstRow", "rows"], `${at}.`, "plan");
  return {
    number: integerOf(part.number, `${at}.number`, i, i),
    firstRow: integerOf(part.firstRow, `${at}.firstRow`, 0, MAX_ITEMS),
    rows: integerOf(part.rows, `${at}.rows`, 1, MAX_ITEMS),
  };
}

function fingerprintOf(value: unknown, i: number): Fingerprint {
  const at = `fingerprints[${i}]`;
  const found = onlyFields(objectOf(value, `"${at}"`), ["path", "byteLength", "sha256", "validator"], `${at}.`, "plan");
  return {
    path: textOf(found.path, `${at}.path`),
    byteLength: integerOf(found.byteLength, `${at}.byteLength`, 0, Number.MAX_SAFE_INTEGER),
    sha256: digestOf(found.sha256, `${at}.sha256`),
    ...(found.validator !== undefined && { validator: textOf(found.validator, `${at}.validator`) }),
  };
}

/** Throws unless the blocks cover all rows once, in order. */
function checkBlocks({ parts, itemCount }: BuildPlan): void {
  let next = 0;
  for (const [i, { firstRow, rows }] of parts.entries()) {
    if (firstRow !== next) throw fault(`"parts[${i}].firstRow" expected ${next}, got ${firstRow}`);
    next += rows;
  }
  if (next !== itemCount) throw fault(`"itemCount" expected ${next}, the sum of its parts, got ${itemCount}`);
}

function textOf(value: unknown, field: string): string {
  if (typeof value === "string" && value !== "" && value.length <= 4096) return value;
  throw fault(`"${field}" expected a text of 1 to 4096 characters, got ${shown(value)}`);
}

function oneOf(value: unknown, field: string, values: readonly unknown[]): void {
  if (!values.includes(value)) throw fault(`"${field}" expected ${values.join(", ")}, got ${shown(value)}`);
}

import { shown } from "../checks/check.ts";
import { MAX_DIM, MAX_ITEMS, MAX_POSITIONS } from "../format/limits.ts";
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

/*
 * A published index file consists of objects beside its pointer. Parts are named by content, the other two by name:
 *
 *   words/current.json          the pointer to the current version, with its parts in order
 *   words/versions/A.json       the pointer as it was when version A was published, for rollbacks
 *   words/parts/3f5a…           a part of a file, named by its SHA-256
 *
 * Only current.json ever changes, so a reader of one pointer sees one complete version.
 */

/** The content of current.json. */
export interface Pointer {
  /** The name of this version, 1 to 64 letters, digits, ".", "_" or "-". */
  readonly version: string;
  /** The SHA-256 of the complete file, in hex. */
  readonly sha256: string;
  readonly byteLength: number;
  /** The parts of the file, end to end. */
  readonly parts: readonly Part[];
  /** Facts about the file; absent in a pointer of form 1. */
  readonly facts?: PublishedFacts;
  /**
   * The version that began the current contract with clients, because it was published as incompatible with the one
   * before it. Absent until there is such a version. Within a contract no version may break the clients of the one
   * before it.
   */
  readonly contract?: string;
  /** The version before this one; absent for the first. */
  readonly previous?: string;
  /** A version that answers a share of the callers beside this one. */
  readonly canary?: Canary;
  /**
   * The number of the last change in the log of the index that this version has. Absent if it has none. A pointer with a number
   * has form 3.
   */
  readonly sequence?: number;
}

/** The facts about a file that must be known before it is read. */
export interface PublishedFacts extends ClientFacts {
  /** The WebAssembly memory of the index as a Worker loads it, in bytes. */
  readonly memoryBytes: number;
}

export interface Part {
  readonly sha256: string;
  readonly byteLength: number;
}

/** The largest part: 24 MiB. A static asset and a value of KV may have 25 MiB. */
export const MAX_PART_BYTES = 25165824;
const MAX_PARTS = 1024;
/** The largest pointer in bytes, so no reader needs to read further. */
export const MAX_POINTER_BYTES = 262144;
/**
 * The forms of pointers by their fields: form 1 has no facts and no form number, and form 3 may have a canary, the
 * number of a change, and a space in its facts.
 */
const FORMS = [1, 2, 3];
const FIELDS_OF_FORMS = [
  ["version", "sha256", "byteLength", "parts", "previous"],
  ["facts", "contract"],
  ["canary", "sequence"],
];

/** Returns the version of a file that nobody named: the first 12 digits of its content id. */
export const versionOfContent = (contentId: string): string => contentId.slice(0, 12);

/** Returns the key of a part, for a pointer at `pointerKey`. */
export const partKey = (pointerKey: string, { sha256 }: Part): string => `${folderOf(pointerKey)}parts/${sha256}`;

/** Returns the key of the pointer of a version. */
export const versionKey = (pointerKey: string, version: string): string =>
  `${folderOf(pointerKey)}versions/${version}.json`;

/**
 * Returns the key that parts and versions are beside, for the pointer of `version` at `key`. A version's own pointer may be
 * served: words/versions/A.json has its parts beside words/A.json.
 */
export const homeKey = (key: string, version: string): string => {
  const own = versionKey("", version);
  return `/${key}`.endsWith(`/${own}`) ? key.slice(0, -own.length) + version : key;
};

/** The folder of a key, with its slash: "words/" for "words/current.json", and "" for a key without one. */
export const folderOf = (key: string): string => key.slice(0, key.lastIndexOf("/") + 1);

export const serialisePointer = (pointer: Pointer): string => {
  const { facts, canary, sequence } = pointer;
  const pointerVersion = canary || facts?.space || sequence !== undefined ? 3 : 2;
  return `${JSON.stringify(facts ? { pointerVersion, ...pointer } : pointer, undefined, 2)}\n`;
};

/** Parses the pointer in the bytes that a reader has read, at most MAX_POINTER_BYTES and one more. */
export const pointerIn = (bytes: Uint8Array): Pointer => {
  reading("pointer", () => {
    if (bytes.byteLength > MAX_POINTER_BYTES) throw fault(`expected at most ${MAX_POINTER_BYTES} bytes, got more`);
  });
  return parsePointer(new TextDecoder().decode(bytes));
};

const PART_FIELDS = ["sha256", "byteLength"];
const FACTS = ["itemCount", "dim", "metric", "hasLabels", "features", "memoryBytes"];
const FEATURE_FACTS = ["featureCount", "positionCount", "hasFeatureLabels"];

/** @throws FormatError with code "pointer", which names the field, the expected and the actual value */
export const parsePointer = (text: string): Pointer => reading("pointer", () => pointerOf(text));

function pointerOf(text: string): Pointer {
  const { pointerVersion = 1, ...fields } = objectOf(parseJson(text), "the pointer");
  if (!FORMS.includes(pointerVersion as number)) {
    throw fault(`"pointerVersion" expected 1, 2 or 3, got ${shown(pointerVersion)}: update midx here`);
  }
  if (fields.kind)
    throw fault(`"kind" expected none, got ${shown(fields.kind)}: publish an index file, or take a router`);
  const form = pointerVersion as number;
  onlyFields(fields, FIELDS_OF_FORMS.slice(0, form).flat(), "");
  const { version, sha256, byteLength, parts, facts, contract, previous, canary, sequence } = fields;
  const pointer = {
    version: versionOf(version, "version"),
    sha256: digestOf(sha256, "sha256"),
    byteLength: integerOf(byteLength, "byteLength", 1, Number.MAX_SAFE_INTEGER),
    parts: partsOf(parts),
    ...(form > 1 && { facts: factsOf(facts, form) }),
    ...(contract !== undefined && { contract: versionOf(contract, "contract") }),
    ...(previous !== undefined && { previous: versionOf(previous, "previous") }),
    ...(canary !== undefined && { canary: canaryOf(canary, "pointer") }),
    ...(sequence !== undefined && { sequence: integerOf(sequence, "sequence", 1, Number.MAX_SAFE_INTEGER) }),
  };
  const total = pointer.parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (total !== pointer.byteLength)
    throw fault(`"byteLength" expected the sum of its parts, ${total}, got ${byteLength}`);
  return pointer;
}

function partsOf(parts: unknown): Part[] {
  return arrayOf(parts, "parts", MAX_PARTS).map((part, i) => {
    const { sha256, byteLength } = onlyFields(objectOf(part, `"parts[${i}]"`), PART_FIELDS, `parts[${i}].`);
    return {
      sha256: digestOf(sha256, `parts[${i}].sha256`),
      byteLength: integerOf(byteLength, `parts[${i}].byteLength`, 1, MAX_PART_BYTES),
    };
  });
}

function factsOf(value: unknown, form: number): PublishedFacts {
  const facts = onlyFields(objectOf(value, '"facts"'), form > 2 ? [...FACTS, "space"] : FACTS, "facts.");
  return {
    itemCount: integerOf(facts.itemCount, "facts.itemCount", 0, MAX_ITEMS),
    dim: integerOf(facts.dim, "facts.dim", 1, MAX_DIM),
    metric: metricOf(facts.metric, "facts.metric"),
    hasLabels: flagOf(facts.hasLabels, "facts.hasLabels"),
    ...(facts.features !== undefined && { features: featuresOf(facts.features) }),
    memoryBytes: integerOf(facts.memoryBytes, "facts.memoryBytes", 1, Number.MAX_SAFE_INTEGER),
    ...(facts.space !== undefined && { space: versionOf(facts.space, "facts.space") }),
  };
}

function featuresOf(value: unknown): NonNullable<PublishedFacts["features"]> {
  const of = "facts.features.";
  const { featureCount, positionCount, hasFeatureLabels } = onlyFields(
    objectOf(value, '"facts.features"'),
    FEATURE_FACTS,
    of,
  );
  return {
    featureCount: integerOf(featureCount, `${of}featureCount`, 1, MAX_ITEMS),
    positionCount: integerOf(positionCount, `${of}positionCount`, 0, MAX_POSITIONS),
    hasFeatureLabels: flagOf(hasFeatureLabels, `${of}hasFeatureLabels`),
  };
}

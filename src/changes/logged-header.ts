import { isObject } from "../checks/is-object.ts";
import { MAX_DIM } from "../format/limits.ts";

/** The metadata of a class, which it may have beside its row: values of JSON by name. "$namespace" is its namespace. */
export type LoggedMetadata = Readonly<Record<string, unknown>>;

/** The header of a set of a log, with its fields in this order. Fields that say nothing are absent. */
export interface LoggedHeader {
  /** The number of values in a row, 0 without upserts. */
  readonly dim: number;
  readonly labels: readonly string[];
  readonly hasBiases?: boolean;
  readonly metadata?: readonly (LoggedMetadata | null)[];
  readonly removals: readonly string[];
  readonly space?: string;
}

/**
 * The most levels of objects and arrays in metadata, so that no runtime runs out of stack on a text that another one has
 * written.
 */
export const MOST_LEVELS = 64;

/** Tells whether objects and arrays lie in each other deeper than that. */
export const isTooDeep = (value: unknown, levels = MOST_LEVELS): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => isTooDeep(each, levels - 1)));

const FIELDS = ["dim", "labels", "hasBiases", "metadata", "removals", "space"];
/** The most characters of the name of a space. */
const MOST_SPACE = 64;

/** Checks a header. `fail` throws for a field, with its expected form. */
export function checkLoggedHeader(value: unknown, fail: (field: string, expected: string) => never): void {
  if (!isObject(value)) fail("header", "an object");
  const header = value as Readonly<Record<string, unknown>>;
  const order = FIELDS.filter((name) => Object.hasOwn(header, name));
  if (Object.keys(header).join() !== order.join()) fail("header", `the fields ${FIELDS.join(", ")} in this order`);
  const { dim, hasBiases, metadata, space } = header;
  const labels = labelsOf(header.labels, "labels", fail);
  const removals = labelsOf(header.removals, "removals", fail);
  const isNone = labels.length === 0;
  if (!Number.isInteger(dim) || !(isNone ? dim === 0 : (dim as number) >= 1 && (dim as number) <= MAX_DIM)) {
    fail("dim", isNone ? "0 without labels" : `an integer from 1 to ${MAX_DIM}`);
  }
  if (Object.hasOwn(header, "hasBiases") && (hasBiases !== true || isNone)) fail("hasBiases", "true, or nothing");
  if (Object.hasOwn(header, "metadata")) checkMetadata(metadata, labels.length, fail);
  if (Object.hasOwn(header, "space") && !(typeof space === "string" && /^[^\s"]+$/.test(space) && isShort(space))) {
    fail("space", `1 to ${MOST_SPACE} characters without white space and quotes`);
  }
  const upserted = new Set(labels);
  const both = removals.find((label) => upserted.has(label));
  if (both !== undefined) fail("removals", `none of the labels of upserts, got ${JSON.stringify(both)}: use two sets`);
}

const isShort = (text: string): boolean => text.length <= MOST_SPACE && text.isWellFormed();

function labelsOf(value: unknown, field: string, fail: (field: string, expected: string) => never): readonly string[] {
  if (!Array.isArray(value)) fail(field, "an array of strings");
  const labels = value as readonly unknown[];
  const wrong = labels.findIndex((label) => typeof label !== "string" || !label.isWellFormed());
  if (wrong >= 0) fail(`${field}[${wrong}]`, "Unicode text");
  if (new Set(labels).size < labels.length) fail(field, "labels that are all different");
  return labels as readonly string[];
}

function checkMetadata(value: unknown, count: number, fail: (field: string, expected: string) => never): void {
  if (!Array.isArray(value) || value.length !== count)
    fail("metadata", `${count} objects or nulls, one for each label`);
  const list = value as readonly unknown[];
  const wrong = list.findIndex((each) => each !== null && !isObject(each));
  if (wrong >= 0) fail(`metadata[${wrong}]`, "an object, or null");
  const deep = list.findIndex((each) => isTooDeep(each));
  if (deep >= 0) fail(`metadata[${deep}]`, `at most ${MOST_LEVELS} levels of objects and arrays`);
  if (list.every((each) => each === null)) fail("metadata", "an object of some label, or nothing");
}

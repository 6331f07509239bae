import type { SetToLog } from "../../src/changes/index.ts";
import { isTooDeep, MOST_LEVELS } from "../../src/changes/logged-header.ts";
import { isObject, shown } from "../../src/internal.ts";
import { MAX_CHANGED } from "../contract/live-requests.ts";
import { invalidField, kindOf } from "../request/invalid-field.ts";
import { textsIn } from "../request/texts.ts";
import { checkValue, copyVector } from "../request/vectors.ts";

/** The most bytes of JSON that a class may have as metadata. */
const MAX_METADATA_BYTES = 10_240;

/** The classes of a request, unchecked. */
export interface GivenClasses {
  readonly labels: readonly unknown[];
  readonly rows: readonly unknown[];
  readonly biases?: readonly unknown[] | undefined;
  readonly metadata?: readonly unknown[] | undefined;
  readonly namespaces?: readonly unknown[] | undefined;
  readonly space?: string | undefined;
}

/** Returns the name, for messages, that a request gives to a value of its i-th class. */
export type NameOf = (list: "labels" | "rows" | "biases" | "metadata" | "namespaces", i: number) => string;

/** The names of lists side by side. */
export const listed: NameOf = (list, i) => `${list}[${i}]`;

type Upserts = NonNullable<SetToLog["upserts"]>;

/** Checks classes as far as the width of the index suffices for it. A 400 names the element that is wrong. */
export function readClasses(given: GivenClasses, dim: number, nameOf: NameOf, field?: string): Upserts {
  const labels = readLabels(given.labels, nameOf, field);
  const count = labels.length;
  const { biases, metadata, namespaces } = given;
  for (const [name, list] of Object.entries({ rows: given.rows, biases, metadata, namespaces })) {
    if (list !== undefined && list.length !== count) {
      throw invalidField(name, `${count} of them, one for each label, got ${list.length}`);
    }
  }
  const values = new Float32Array(count * dim);
  for (const [i, row] of given.rows.entries())
    copyVector(row, nameOf("rows", i), values.subarray(i * dim, (i + 1) * dim));
  if (biases) for (const [i, bias] of biases.entries()) checkValue(bias, () => nameOf("biases", i));
  const records = labels.map((_, i) => recordOf(metadata?.[i], namespaces?.[i], i, nameOf));
  return {
    labels,
    rows: values,
    ...(biases && { biases: biases as readonly number[] }),
    ...(records.some((record) => record !== null) && { metadata: records }),
  };
}

/**
 * Checks the number and the kind of labels. The library checks their length: labels of the index may be longer than new ones.
 */
export function readLabels(labels: readonly unknown[], nameOf: NameOf, field = "labels"): string[] {
  if (labels.length < 1 || labels.length > MAX_CHANGED) {
    throw invalidField(field, `1 to ${MAX_CHANGED} of them, got ${labels.length}`);
  }
  return textsIn(labels, (i) => nameOf("labels", i));
}

/** The metadata of a class with its namespace among them; null if neither is given. */
function recordOf(
  metadata: unknown,
  namespace: unknown,
  i: number,
  nameOf: NameOf,
): Readonly<Record<string, unknown>> | null {
  if (namespace !== undefined && namespace !== null && typeof namespace !== "string") {
    throw invalidField(nameOf("namespaces", i), `a string or null, got ${kindOf(namespace)}`);
  }
  const own = metadata ?? null;
  if (own !== null && !isObject(own)) {
    throw invalidField(nameOf("metadata", i), `an object or null, got ${kindOf(own)}`);
  }
  const reserved = Object.keys(own ?? {}).find((name) => name.startsWith("$"));
  if (reserved !== undefined) {
    throw invalidField(nameOf("metadata", i), `names that do not begin with "$", got ${shown(reserved)}`);
  }
  if (isTooDeep(own)) {
    throw invalidField(nameOf("metadata", i), `at most ${MOST_LEVELS} levels of objects and arrays, got more`);
  }
  const text = JSON.stringify(own, (name, value: unknown) => {
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    throw invalidField(nameOf("metadata", i), `numbers that a double holds, got ${value} as ${shown(name)}`);
  });
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_METADATA_BYTES) {
    throw invalidField(nameOf("metadata", i), `at most ${MAX_METADATA_BYTES} bytes of JSON, got ${bytes}`);
  }
  if (typeof namespace !== "string") return own;
  return { ...own, $namespace: namespace };
}

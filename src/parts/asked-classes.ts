import { kindOf } from "../checks/check.ts";
import { copyIds } from "../index/copied-arguments.ts";
import type { Wanted } from "./classes.ts";
import type { Part } from "./part.ts";
import type { ClassMetadata, PartialClasses } from "./partial-answer.ts";

/** The classes that are asked about, and their stored values that are wanted. */
export interface AskedClasses extends Wanted {
  readonly ids?: Int32Array;
}

/** Asks for stored values of classes, with one question to each part. */
export async function askClasses(
  part: Part,
  { ids = new Int32Array(0), ...options }: AskedClasses,
): Promise<PartialClasses> {
  const question = { call: "classes", query: new Float32Array(0), size: 0, ids, options } as const;
  return (await part.answer(question)).classes as PartialClasses;
}

/** Classes that were found by their labels. */
export interface FoundLabels {
  /** The place of each label that a part has among the classes. */
  readonly places: ReadonlyMap<string, number>;
  readonly classes: PartialClasses;
}

/**
 * Finds the classes with these labels, and those with the ids of `wanted`. A label that no part has has no place. RangeError for
 * a label of two classes, which parts that were built apart may have.
 */
export async function findLabels(
  part: Part,
  labels: readonly string[],
  wanted: AskedClasses = {},
): Promise<FoundLabels> {
  const asked = new Set(labels);
  const places = new Map<string, number>();
  if (asked.size === 0) return { places, classes: { ids: new Int32Array(0) } };
  const classes = await askClasses(part, { ...wanted, labels: [...asked], withLabels: true });
  for (const [at, name] of (classes.labels ?? []).entries()) {
    if (!asked.has(name)) continue; // the label of a class that is asked for by its id
    const other = places.get(name);
    if (other !== undefined) {
      const [text, { ids }] = [JSON.stringify(name.slice(0, 64)), classes];
      throw new RangeError(
        `"labels" expected labels of one class each, got ${text}, which ${ids[other]} and ${ids[at]} have`,
      );
    }
    places.set(name, at);
  }
  return { places, classes };
}

/** Returns the id of each of these labels. TypeError and RangeError name a label that no class has. */
export async function idsOfLabels(part: Part, labels: readonly string[]): Promise<Int32Array<ArrayBuffer>> {
  requireLabels(part);
  if (!Array.isArray(labels)) throw new TypeError(`"labels" expected an array of strings, got ${kindOf(labels)}`);
  const copies: string[] = Array.from(labels, (label: unknown, i) => {
    if (typeof label === "string") return label;
    throw new TypeError(`"labels"[${i}] expected a string, got ${typeof label}`);
  });
  const { places, classes } = await findLabels(part, copies);
  return Int32Array.from(copies, (label, i) => {
    const place = places.get(label);
    if (place !== undefined) return classes.ids[place] as number;
    throw new RangeError(`"labels"[${i}] expected a label of the index, got ${JSON.stringify(label.slice(0, 64))}`);
  });
}

/** Returns the label of each of these classes. */
export async function labelsOfIds(part: Part, ids: ArrayLike<number>): Promise<string[]> {
  const classes = copyIds("ids", ids, part.info.itemCount);
  requireLabels(part);
  const { ids: known, labels = [] } = await askClasses(part, { ids: classes, withLabels: true });
  const labelOf = new Map(labels.map((label, at) => [known[at] as number, label]));
  return Array.from(classes, (id) => labelOf.get(id) as string);
}

/** Returns the rows of these classes, end to end. */
export async function rowsOfIds(part: Part, ids: ArrayLike<number>): Promise<Float32Array<ArrayBuffer>> {
  const { itemCount, dim } = part.info;
  const classes = copyIds("ids", ids, itemCount);
  const { ids: known, rows = new Float32Array(0) } = await askClasses(part, { ids: classes, withRows: true });
  const placeOf = new Map(Array.from(known, (id, at) => [id, at]));
  const values = new Float32Array(classes.length * dim);
  for (const [i, id] of classes.entries()) {
    const at = placeOf.get(id) as number;
    values.set(rows.subarray(at * dim, (at + 1) * dim), i * dim);
  }
  return values;
}

/** Returns the values of these classes in their columns. */
export async function metadataOfIds(part: Part, ids: ArrayLike<number>): Promise<ClassMetadata[]> {
  const classes = copyIds("ids", ids, part.info.itemCount);
  const { ids: known, metadata = [] } = await askClasses(part, { ids: classes, withMetadata: true });
  const valuesOf = new Map(metadata.map((values, at) => [known[at] as number, values]));
  return Array.from(classes, (id) => valuesOf.get(id) as ClassMetadata);
}

function requireLabels({ info }: Part): void {
  if (!info.hasLabels) throw new RangeError('"labels" expected parts built with "labels", got some without');
}

import type { ClassBitmap, ConditionOptions } from "../answers/options.ts";
import { checkArray, checkView, isTypedArray, shown } from "../checks/check.ts";
import { knownOptions } from "../checks/known-options.ts";
import { checkTemperature } from "../checks/temperature.ts";
import { copyFilter, type Filter } from "../columns/filter.ts";
import { type CallConditions, type FilteredOut, UNCONDITIONAL } from "../memory/call-conditions.ts";
import type { RemovedIds } from "../memory/delta.ts";
import { CONDITION_OPTIONS } from "./call-options.ts";
import { copyIds } from "./copied-arguments.ts";
import { copyChanges } from "./copied-changes.ts";

const NO_IDS = new Int32Array(0);

/** The limits of an index that conditions are checked against. */
export interface ConditionLimits {
  readonly itemCount: number;
  readonly maxChanged: number;
  /**
   * Finds the classes that columns leave out (src/columns/filters.ts), or only checks the filter where the columns are elsewhere.
   * Default: there are none to check it against.
   */
  readonly filtered?:
    | ((filter: Filter | undefined, namespace: string | undefined, prefix: string) => FilteredOut | undefined)
    | undefined;
  /** The number of classes of the file, where changes may have added others. Default: all of them. */
  readonly fileItemCount?: number;
  /** The classes that changes have removed. */
  readonly removedIds?: RemovedIds | undefined;
  /** Copies a bitmap. Default: into an array of its own. */
  readonly copyBitmap?: ((bitmap: Uint8Array) => Uint8Array) | undefined;
}

/** Copies the temperature, the filters and the changed logits of a call. `prefix` stands before names in messages. */
export function copyConditions(options: ConditionOptions, limits: ConditionLimits, prefix = ""): CallConditions {
  const { temperature = 1, exclude, allow, filter, namespace, bias, history } = options;
  const { itemCount } = limits;
  const changesLogits = bias !== undefined || history !== undefined || hasPenalty(options);
  const isFiltered = filter !== undefined || namespace !== undefined;
  if (temperature === 1 && exclude === undefined && allow === undefined && !isFiltered && !changesLogits) {
    return UNCONDITIONAL;
  }
  checkTemperature(`${prefix}temperature`, temperature);
  const filters = {
    temperature,
    exclude: exclude === undefined ? NO_IDS : copyIds(`${prefix}exclude`, exclude, itemCount),
    allow: allow === undefined ? undefined : copyAllow(`${prefix}allow`, allow, limits),
    ...(isFiltered && { filtered: copyFiltered(filter, namespace, limits, prefix) }),
  };
  if (!changesLogits) return filters;
  const copied = copyChanges(options, { ...limits, prefix, isFilteredOut: filterOf(filters, limits) });
  if (copied === undefined) return filters;
  const { banned, changed } = copied;
  return { ...filters, exclude: joined(filters.exclude, banned, changed.ids), changed };
}

/** Checks the filter of columns and the namespace, and finds the classes that they leave out. */
function copyFiltered(
  filter: Filter | undefined,
  namespace: string | undefined,
  { filtered }: ConditionLimits,
  prefix: string,
): FilteredOut | undefined {
  const copy = filter === undefined ? undefined : copyFilter(`${prefix}filter`, filter);
  // Text that is not well formed would be encoded as another one.
  if (namespace !== undefined && !(typeof namespace === "string" && namespace.isWellFormed())) {
    throw new TypeError(`"${prefix}namespace" expected a string of Unicode, got ${shown(namespace)}`);
  }
  return filtered?.(copy, namespace, prefix);
}

/** Copies the conditions of each query of a batch by `copy`, which gets the prefix of names in messages. */
export function copyEachConditions<T>(
  conditions: readonly ConditionOptions[],
  batch: number | undefined,
  copy: (own: ConditionOptions, prefix: string) => T,
): T[] {
  if (batch === undefined) throw new RangeError('"conditions" expected "batch" beside it, the number of queries');
  checkArray("conditions", conditions, "conditions");
  if (conditions.length !== batch) {
    throw new RangeError(`"conditions" expected ${batch} of them, one for each query, got ${conditions.length}`);
  }
  return Array.from({ length: batch }, (_, row) => {
    const name = `conditions[${row}]`;
    const own = knownOptions(name, conditions[row] as ConditionOptions, CONDITION_OPTIONS, name);
    return copy(own, `${name}.`);
  });
}

const hasPenalty = (options: ConditionOptions): boolean =>
  options.repetitionPenalty !== undefined ||
  options.presencePenalty !== undefined ||
  options.frequencyPenalty !== undefined;

/** Joins the classes that the filter leaves out of the index, those that are scored apart among them. */
function joined(exclude: Int32Array, banned: readonly number[], changed: Int32Array): Int32Array {
  const ids = new Int32Array(exclude.length + banned.length + changed.length);
  ids.set(exclude);
  ids.set(banned, exclude.length);
  ids.set(changed, exclude.length + banned.length);
  return ids;
}

/** Returns a function that tells whether a class is filtered out. Undefined without a filter. */
function filterOf(
  { exclude, allow, filtered }: Pick<CallConditions, "exclude" | "allow" | "filtered">,
  { itemCount, removedIds }: ConditionLimits,
): ((id: number) => boolean) | undefined {
  if (exclude.length === 0 && allow === undefined && !removedIds?.size) return filtered && ((id) => filtered.has(id));
  const isOut = new Uint8Array(Math.ceil(itemCount / 8));
  const set = (id: number, bit: number): void => {
    const byte = isOut[id >> 3] as number;
    isOut[id >> 3] = (byte & ~(1 << (id & 7))) | (bit << (id & 7));
  };
  if (allow instanceof Int32Array) {
    isOut.fill(255);
    for (const id of allow) set(id, 0);
  }
  for (const id of exclude) set(id, 1);
  const bitmap = allow instanceof Uint8Array ? allow : undefined;
  return (id) =>
    removedIds?.has(id) ||
    (((isOut[id >> 3] as number) >> (id & 7)) & 1) === 1 ||
    filtered?.has(id) ||
    (bitmap !== undefined && (((bitmap[id >> 3] as number) >> (id & 7)) & 1) === 0);
}

function copyAllow(
  name: string,
  allow: NonNullable<ConditionOptions["allow"]>,
  { itemCount, fileItemCount = itemCount, copyBitmap = (bitmap) => new Uint8Array(bitmap) }: ConditionLimits,
): CallConditions["allow"] {
  if (!isBitmap(allow)) {
    if (isTypedArray(allow, "Uint8Array")) {
      throw new TypeError(
        `"${name}" expected { bitmap } or an array of integers, got a Uint8Array: bits go into { bitmap }, and ids into an Int32Array`,
      );
    }
    checkArray(name, allow, "integers", "{ bitmap } or an array");
    return copyIds(name, allow, itemCount);
  }
  const { bitmap } = knownOptions(name, allow, ["bitmap"], name);
  if (!isTypedArray(bitmap, "Uint8Array")) {
    throw new TypeError(`"${name}.bitmap" expected a Uint8Array, got ${shown(bitmap)}`);
  }
  checkView(`${name}.bitmap`, bitmap);
  const bytes = Math.ceil(itemCount / 8);
  const { length } = bitmap;
  // Classes that changes have added since the bitmap was made are not in it.
  if (length > bytes || length < Math.ceil(fileItemCount / 8)) {
    throw new RangeError(`"${name}.bitmap" expected ${bytes} bytes, got ${length}`);
  }
  // Shared memory may grow meanwhile: what is copied is as long as what was checked.
  return copyBitmap(new Uint8Array(bitmap.buffer, bitmap.byteOffset, length));
}

/** Tells a bitmap from ids. */
export const isBitmap = (allow: NonNullable<ConditionOptions["allow"]>): allow is ClassBitmap =>
  typeof allow === "object" && allow !== null && "bitmap" in allow;

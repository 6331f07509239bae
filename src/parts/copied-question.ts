import type { ConditionOptions, LogitBias } from "../answers/options.ts";
import {
  checkCount,
  checkFlag,
  checkSeed,
  checkShare,
  isArrayLike,
  isTypedArray,
  kindOf,
  shown,
} from "../checks/check.ts";
import { checkColumns, wantedValues } from "../columns/check-columns.ts";
import { copyFilter, type Filter } from "../columns/filter.ts";
import { CONDITION_OPTIONS } from "../index/call-options.ts";
import { copyConditions, isBitmap } from "../index/copied-conditions.ts";
import { copyMixture } from "./mixtures.ts";
import type { PartInfo } from "./part.ts";
import { ESTIMATES, type QuestionCall, type QuestionOptions } from "./question.ts";

/**
 * Returns the effort of a call for parts whose merged answers have no recall curves. The curves of a part say nothing of them, so
 * only exact answers are known to reach a recall.
 */
export function effortWithoutCurves({ recall, ...effort }: QuestionOptions): QuestionOptions {
  if (recall === undefined) return effort;
  checkShare("recall", recall);
  return { ...effort, exact: true };
}

/** The facts about all parts that conditions are checked against. */
export type ConditionFacts = Pick<PartInfo, "itemCount" | "changes" | "columns">;

/** Copies the conditions of a call: every value is read once and checked, with the names of the call in messages. */
export function copyQuestionConditions(
  options: ConditionOptions,
  { itemCount, changes, columns }: ConditionFacts,
  prefix = "",
): ConditionOptions {
  const { exclude, allow, filter, bias, history } = options;
  const read: ConditionOptions = {
    ...Object.fromEntries(
      CONDITION_OPTIONS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
    ),
    ...(exclude !== undefined && { exclude: copied(exclude) }),
    ...(allow !== undefined && { allow: copiedAllow(allow) }),
    ...(filter !== undefined && { filter: copyFilter(`${prefix}filter`, filter) }),
    ...(bias !== undefined && { bias: copiedBias(bias) }),
    ...(history !== undefined && { history: copied(history) }),
  };
  const fileItemCount = itemCount - (changes?.addedCount ?? 0);
  const filtered =
    columns &&
    ((checked: Filter | undefined, namespace: string | undefined): undefined =>
      void checkColumns(wantedValues(checked, namespace), columns, prefix));
  copyConditions(read, { itemCount, fileItemCount, maxChanged: Number.POSITIVE_INFINITY, filtered }, prefix);
  return asIntegers(read);
}

/** Copies a list. A value that is no list, or no longer has values, is left to the check that names it, as is a bare bitmap. */
const copied = <T>(value: T): T =>
  isArrayLike(value) && !(ArrayBuffer.isView(value) && value.byteLength === 0) ? (Array.from(value) as T) : value;

function copiedAllow(allow: NonNullable<ConditionOptions["allow"]>): NonNullable<ConditionOptions["allow"]> {
  if (!isBitmap(allow)) return isTypedArray(allow, "Uint8Array") ? allow : copied(allow);
  const { bitmap } = allow;
  return { bitmap: isTypedArray(bitmap, "Uint8Array") && bitmap.byteLength > 0 ? new Uint8Array(bitmap) : bitmap };
}

function copiedBias(bias: LogitBias): LogitBias {
  if (kindOf(bias) !== "an object") return bias;
  return Object.fromEntries(Object.entries(bias).map(([name, value]) => [name, copied(value)])) as unknown as LogitBias;
}

/** Makes checked lists of ids typed arrays. */
function asIntegers(read: ConditionOptions): ConditionOptions {
  const { exclude, allow, bias, history } = read;
  return {
    ...read,
    ...(exclude && { exclude: Int32Array.from(exclude) }),
    ...(allow && { allow: isBitmap(allow) ? allow : Int32Array.from(allow) }),
    ...(bias && { bias: { ids: Int32Array.from(bias.ids), values: Float32Array.from(bias.values) } }),
    ...(history && { history: Int32Array.from(history) }),
  };
}

/** The calls that draw classes. */
export const DRAWS: ReadonlySet<QuestionCall> = new Set(["sample", "sampleTopK"] as const);

/** Copies the other options of a call; the parts check them again. A call that draws gets its seed here, one for all parts. */
export function copyEffort(call: QuestionCall, options: object): QuestionOptions {
  const { scan, rescore, recall, exact, proposal, draws, targetError, tolerance, seed, mixture } = options as Omit<
    QuestionOptions,
    "seed"
  > & { readonly seed?: number | bigint };
  checkFlag("exact", exact); // a share of the effort would be added to a value that is not true
  if (scan !== undefined && !(scan === "auto" && ESTIMATES.has(call))) {
    if (typeof scan !== "number") throw new TypeError(`"scan" expected an integer, got ${shown(scan)}`);
    checkCount("scan", scan, Number.MAX_SAFE_INTEGER, "2^53 − 1");
  }
  for (const [name, count] of Object.entries({ rescore, draws })) {
    if (count !== undefined) checkCount(name, count, Number.MAX_SAFE_INTEGER, "2^53 − 1");
  }
  const given = {
    scan,
    rescore,
    recall,
    exact,
    proposal,
    draws,
    targetError,
    tolerance,
    mixture: copyMixture(mixture),
  };
  const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...kept, ...((ESTIMATES.has(call) || DRAWS.has(call)) && { seed: checkSeed(seed) }) };
}

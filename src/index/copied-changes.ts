import type { ConditionOptions, LogitBias } from "../answers/options.ts";
import { checkArray, checkNumber, MAGNITUDE_LIMIT, shown } from "../checks/check.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";
import { type ChangedLogits, NO_PENALTIES, type Penalties } from "../memory/changed-logits.ts";
import { ChangeTable } from "./change-table.ts";
import { copyIds } from "./copied-arguments.ts";

/** The conditions that change logits. */
type ChangeOptions = Pick<
  ConditionOptions,
  "bias" | "history" | "repetitionPenalty" | "presencePenalty" | "frequencyPenalty"
>;

/** The context in which the changes of a call are checked. */
export interface ChangeContext {
  readonly itemCount: number;
  readonly maxChanged: number;
  /** Stands before the names of options in messages. */
  readonly prefix: string;
  /** Returns true for a class that the call filters out, whose logit does not matter. Undefined without a filter. */
  readonly isFilteredOut: ((id: number) => boolean) | undefined;
}

/** The changes that a call makes to logits, in arrays of its own. */
export interface CopiedChanges {
  /** The classes that a bias of −∞ bans. */
  readonly banned: readonly number[];
  readonly changed: ChangedLogits;
}

/** The largest penalty; for the repetition penalty its inverse is the smallest. So no logit can overflow. */
const PENALTY_LIMIT = 2 ** 20;

const PENALTIES = ["repetitionPenalty", "presencePenalty", "frequencyPenalty"] as const;

interface CopiedBias {
  readonly ids: Int32Array;
  readonly values: Float32Array;
}

const NO_IDS = new Int32Array(0);
const NO_BIAS: CopiedBias = { ids: NO_IDS, values: new Float32Array(0) };

/** Copies the biases, the history and the penalties of a call. Undefined if they change no logit. */
export function copyChanges(options: ChangeOptions, context: ChangeContext): CopiedChanges | undefined {
  const { bias, history } = options;
  const { itemCount, prefix } = context;
  const penalties = copyPenalties(options, prefix);
  const { ids, values } = bias === undefined ? NO_BIAS : copyBias(bias, itemCount, prefix);
  const seen = history === undefined ? NO_IDS : copyIds(`${prefix}history`, history, itemCount);
  const repeated = penalties === undefined ? NO_IDS : seen;
  const most = Math.min(ids.length + repeated.length, itemCount);
  if (most === 0) return undefined;
  const table = new ChangeTable(most);
  for (let i = 0; i < ids.length; i++) {
    // Every bias adds a class, so the place of one that comes again is not its own.
    if (table.placeOf(ids[i] as number) === i) continue;
    const name = `"${prefix}bias.ids"[${i}]`;
    throw new RangeError(`${name} expected every class once, got ${ids[i]} again: add its biases up`);
  }
  const counts = new Int32Array(most);
  for (let i = 0; i < repeated.length; i++) (counts[table.placeOf(repeated[i] as number)] as number)++;
  const biases = new Float32Array(table.count);
  biases.set(values);
  const all = {
    ids: table.ids.subarray(0, table.count),
    biases,
    counts: counts.subarray(0, table.count),
    penalties: penalties ?? NO_PENALTIES,
  };
  const isWhole = context.isFilteredOut === undefined && !values.includes(Number.NEGATIVE_INFINITY);
  const copied = isWhole ? { banned: [], changed: all } : leftOf(all, context.isFilteredOut);
  checkCount(copied.changed.ids.length, options, context);
  return copied;
}

/** Copies the penalties. Undefined if they change nothing. */
function copyPenalties(options: ChangeOptions, prefix: string): Penalties | undefined {
  for (const name of PENALTIES) {
    if (options.history !== undefined || options[name] === undefined) continue;
    throw new RangeError(
      `"${prefix}${name}" expected "history" beside it, the ids that were seen, and has no effect without it`,
    );
  }
  const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } = options;
  const repetition = checkNumber(`${prefix}repetitionPenalty`, repetitionPenalty, 1 / PENALTY_LIMIT, PENALTY_LIMIT);
  const presence = checkNumber(`${prefix}presencePenalty`, presencePenalty, -PENALTY_LIMIT, PENALTY_LIMIT);
  const frequency = checkNumber(`${prefix}frequencyPenalty`, frequencyPenalty, -PENALTY_LIMIT, PENALTY_LIMIT);
  return repetition === 1 && presence === 0 && frequency === 0 ? undefined : { repetition, presence, frequency };
}

/** Copies biases, rounded to f32 as an index stores them. */
function copyBias(bias: LogitBias, itemCount: number, prefix: string): CopiedBias {
  const name = `${prefix}bias`;
  const { ids: rawIds, values: rawValues } = optionsWithoutNull("bias", bias, ["ids", "values"], name) as LogitBias;
  const ids = copyIds(`${name}.ids`, rawIds, itemCount);
  checkArray(`${name}.values`, rawValues, "numbers");
  if (rawValues.length !== ids.length) {
    throw new RangeError(
      `"${name}.values" expected ${ids.length} values, one for each of "ids", got ${rawValues.length}`,
    );
  }
  const values = new Float32Array(ids.length);
  for (let i = 0; i < values.length; i++) values[i] = checkBias(`${name}.values`, i, rawValues[i]);
  return { ids, values };
}

function checkBias(name: string, i: number, raw: unknown): number {
  const value = typeof raw === "number" ? Math.fround(raw) : Number.NaN;
  if (Math.abs(value) <= MAGNITUDE_LIMIT || raw === Number.NEGATIVE_INFINITY) return value;
  throw new (typeof raw === "number" ? RangeError : TypeError)(
    `"${name}"[${i}] expected a number of magnitude at most 2^40, or -Infinity to ban the class, got ${shown(raw)}`,
  );
}

/** Drops the classes that are filtered out or banned, in place. */
function leftOf(
  { ids, biases, counts, penalties }: ChangedLogits,
  isFilteredOut: ChangeContext["isFilteredOut"],
): CopiedChanges {
  const banned: number[] = [];
  let kept = 0;
  for (let place = 0; place < ids.length; place++) {
    const id = ids[place] as number;
    const bias = biases[place] as number;
    if (bias === Number.NEGATIVE_INFINITY) banned.push(id);
    if (bias === Number.NEGATIVE_INFINITY || isFilteredOut?.(id)) continue;
    ids[kept] = id;
    biases[kept] = bias;
    counts[kept] = counts[place] as number;
    kept++;
  }
  const first = <T extends Int32Array | Float32Array>(values: T): T => values.subarray(0, kept) as T;
  return { banned, changed: { ids: first(ids), biases: first(biases), counts: first(counts), penalties } };
}

function checkCount(count: number, { bias, history }: ChangeOptions, { maxChanged, prefix }: ChangeContext): void {
  if (count <= maxChanged) return;
  const names = Object.entries({ bias, history }).flatMap(([name, value]) => (value ? [`"${prefix}${name}"`] : []));
  throw new RangeError(
    `${names.join(" and ")} expected at most ${maxChanged} different classes (maxChanged), got ${count}; ` +
      `load(file, { maxChanged: ${count} }) allows it`,
  );
}

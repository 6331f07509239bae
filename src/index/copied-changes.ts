import type { ConditionOptions, LogitBias } from "../answers/options.ts";
import { checkArray, checkNumber, MAGNITUDE_LIMIT, shown } from "../checks/check.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";
import { CHANGE_NUMBERS, type ChangedLogits } from "../memory/changed-logits.ts";
import { copyIds } from "./copied-arguments.ts";

/** The conditions that change logits. */
type ChangeOptions = Pick<
  ConditionOptions,
  "bias" | "history" | "repetitionPenalty" | "presencePenalty" | "frequencyPenalty"
>;

/** What the changes of a call are checked against. */
export interface ChangeContext {
  readonly itemCount: number;
  readonly maxChanged: number;
  /** Stands before the names of options in messages. */
  readonly prefix: string;
  /** Returns true for a class that the call filters out, whose logit does not matter. */
  readonly isFilteredOut: (id: number) => boolean;
}

/** What a call does to logits, in arrays of its own. */
export interface CopiedChanges {
  /** The classes that a bias of −∞ bans. */
  readonly banned: readonly number[];
  readonly changed: ChangedLogits;
}

/** The largest penalty; for the repetition penalty its inverse is the smallest. So no logit can overflow. */
const PENALTY_LIMIT = 2 ** 20;

const PENALTIES = ["repetitionPenalty", "presencePenalty", "frequencyPenalty"] as const;

/** Biases by ascending id. */
interface CopiedBias {
  readonly ids: Int32Array;
  readonly values: Float64Array;
}

const NO_IDS = new Int32Array(0);
const NO_BIAS: CopiedBias = { ids: NO_IDS, values: new Float64Array(0) };

/** Copies the biases, the history and the penalties of a call. Undefined if they change no logit. */
export function copyChanges(options: ChangeOptions, context: ChangeContext): CopiedChanges | undefined {
  const { bias, history } = options;
  const { itemCount, prefix } = context;
  const penalties = copyPenalties(options, prefix);
  const biases = bias === undefined ? NO_BIAS : copyBias(bias, itemCount, prefix);
  const seen = history === undefined ? NO_IDS : copyIds(`${prefix}history`, history, itemCount);
  const repeated = penalties === undefined ? NO_IDS : seen.sort();
  if (biases.ids.length + repeated.length === 0) return undefined;
  const copied = merge(biases, repeated, penalties ?? NO_PENALTIES, context.isFilteredOut);
  checkCount(copied.changed.ids.length, options, context);
  return copied;
}

interface Penalties {
  readonly repetition: number;
  readonly presence: number;
  readonly frequency: number;
}

const NO_PENALTIES: Penalties = { repetition: 1, presence: 0, frequency: 0 };

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

/** Copies biases, rounded to f32 as the index stores them, and sorts them by id. */
function copyBias(bias: LogitBias, itemCount: number, prefix: string): CopiedBias {
  const name = `${prefix}bias`;
  const { ids: rawIds, values: rawValues } = optionsWithoutNull("bias", bias, ["ids", "values"], name) as LogitBias;
  const ids = copyIds(`${name}.ids`, rawIds, itemCount);
  const count = ids.length;
  checkArray(`${name}.values`, rawValues, "numbers");
  if (rawValues.length !== count) {
    throw new RangeError(`"${name}.values" expected ${count} values, one for each of "ids", got ${rawValues.length}`);
  }
  const values = Float64Array.from(ids, (_, i) => checkBias(`${name}.values`, i, rawValues[i]));
  // A key holds the id and the place of a bias, exactly.
  const order = Float64Array.from(ids, (id, i) => id * count + i).sort();
  const sorted = { ids: new Int32Array(count), values: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const place = (order[i] as number) % count;
    const id = ids[place] as number;
    if (i > 0 && sorted.ids[i - 1] === id) {
      throw new RangeError(`"${name}.ids"[${place}] expected every class once, got ${id} again: add its biases up`);
    }
    sorted.ids[i] = id;
    sorted.values[i] = values[place] as number;
  }
  return sorted;
}

function checkBias(name: string, i: number, raw: unknown): number {
  const value = typeof raw === "number" ? Math.fround(raw) : Number.NaN;
  if (Math.abs(value) <= MAGNITUDE_LIMIT || raw === Number.NEGATIVE_INFINITY) return value;
  throw new (typeof raw === "number" ? RangeError : TypeError)(
    `"${name}"[${i}] expected a number of magnitude at most 2^40, or -Infinity to ban the class, got ${shown(raw)}`,
  );
}

/** Merges biases and a sorted history to what happens to each class. */
function merge(
  { ids: biased, values }: CopiedBias,
  history: Int32Array,
  { repetition, presence, frequency }: Penalties,
  isFilteredOut: ChangeContext["isFilteredOut"],
): CopiedChanges {
  const most = biased.length + history.length;
  const ids = new Int32Array(most);
  const changes = new Float64Array(CHANGE_NUMBERS * most);
  const banned: number[] = [];
  let count = 0;
  for (let b = 0, h = 0; b < biased.length || h < history.length; ) {
    const id = Math.min(biased[b] ?? Number.POSITIVE_INFINITY, history[h] ?? Number.POSITIVE_INFINITY);
    const bias = biased[b] === id ? (values[b++] as number) : 0;
    const start = h;
    while (history[h] === id) h++;
    if (bias === Number.NEGATIVE_INFINITY) banned.push(id);
    if (bias === Number.NEGATIVE_INFINITY || isFilteredOut(id)) continue;
    const times = h - start;
    ids[count] = id;
    changes[CHANGE_NUMBERS * count] = bias;
    changes[CHANGE_NUMBERS * count + 1] = times > 0 ? repetition : 1;
    changes[CHANGE_NUMBERS * count + 2] = times > 0 ? frequency * times + presence : 0;
    count++;
  }
  const changed = { ids: ids.subarray(0, count), changes: changes.subarray(0, CHANGE_NUMBERS * count) };
  return { banned, changed };
}

function checkCount(count: number, { bias, history }: ChangeOptions, { maxChanged, prefix }: ChangeContext): void {
  if (count <= maxChanged) return;
  const names = Object.entries({ bias, history }).flatMap(([name, value]) => (value ? [`"${prefix}${name}"`] : []));
  throw new RangeError(
    `${names.join(" and ")} expected at most ${maxChanged} different classes (maxChanged), got ${count}; ` +
      `load(file, { maxChanged: ${count} }) allows it`,
  );
}

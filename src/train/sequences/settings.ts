import { checkFlag, checkNumber, checkOneOf, checkSeed, kindOf } from "../../checks/check.ts";
import { requireBeside } from "../../checks/function-options.ts";
import { MAX_LENGTH } from "../../format/encoder.ts";
import { checkRange } from "../model/check-range.ts";
import { BETAS, type Betas, OPTIMIZERS, type OptimizerName } from "../model/optimizer.ts";
import { SELECT_BY, type SelectBy } from "../model/select-by.ts";
import type { SequenceOptions } from "./options.ts";
import { SCHEDULES, type ScheduleName } from "./schedule.ts";
import { checkSequences, type Sequences } from "./sequences.ts";

/** The checked settings of a training. */
export interface SequenceSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly length: number;
  readonly carry: boolean;
  readonly dropout: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly betas: Betas;
  readonly warmup: number;
  readonly schedule: ScheduleName;
  readonly weightDecay: number;
  readonly averaging: boolean;
  readonly clip: number;
  readonly negatives: number;
  readonly sharedBy: number;
  readonly proposals: number;
  readonly refreshEvery: number;
  readonly heldOutLimit: number;
  readonly selectBy: SelectBy;
  readonly withoutSeen: boolean;
  readonly seed: bigint;
}

export const DEFAULT_EPOCHS = 5;
const MOST = 2 ** 31 - 1;
const MOST_BATCH = 2 ** 16;
const MOST_DROPOUT = 0.99;
const MOST_BETA = 0.9999;

export function sequenceSettings(options: SequenceOptions): SequenceSettings {
  const { optimizer = "adam", sampler, heldOut, patience, seed = 0 } = options;
  const carry = checkFlag("carry", options.carry);
  if (!OPTIMIZERS.includes(optimizer)) {
    throw new RangeError(`"optimizer" expected ${OPTIMIZERS.join(", ")}, got ${optimizer}`);
  }
  const schedule = options.schedule ?? "constant";
  checkOneOf("schedule", schedule, SCHEDULES);
  if (sampler === undefined) requireBeside("sampler", options, ["negatives", "sharedBy", "proposals", "refreshEvery"]);
  if (heldOut === undefined) requireBeside("heldOut", options, ["heldOutLimit", "patience", "selectBy"]);
  if (patience !== undefined) checkRange("patience", patience, 1, MOST);
  return {
    epochs: checkRange("epochs", options.epochs ?? DEFAULT_EPOCHS, 0, MOST),
    batchSize: checkRange("batchSize", options.batchSize ?? (carry ? 20 : 64), 1, MOST_BATCH),
    length: checkRange("length", options.length ?? (carry ? 35 : 200), 1, MAX_LENGTH),
    carry,
    dropout: checkNumber("dropout", options.dropout ?? 0.2, 0, MOST_DROPOUT),
    optimizer,
    learningRate: checkNumber("learningRate", options.learningRate ?? (optimizer === "adam" ? 0.001 : 0.1), 0, 1024),
    betas: checkBetas(options.betas ?? BETAS, optimizer),
    warmup: checkRange("warmup", options.warmup ?? 0, 0, MOST),
    schedule,
    weightDecay: checkNumber("weightDecay", options.weightDecay ?? 0, 0, 1024),
    averaging: checkFlag("averaging", options.averaging ?? true),
    clip: checkNumber("clip", options.clip ?? 5, 0, 1e6),
    negatives: checkRange("negatives", options.negatives ?? 256, 1, MOST_BATCH),
    sharedBy: checkRange("sharedBy", options.sharedBy ?? 1, 0, MOST_BATCH),
    proposals: checkRange("proposals", options.proposals ?? 8, 1, MAX_LENGTH),
    refreshEvery: checkRange("refreshEvery", options.refreshEvery ?? 0, 0, MOST),
    heldOutLimit: checkRange("heldOutLimit", options.heldOutLimit ?? 10_000, 1, MOST),
    ...selection(options, carry),
    seed: checkSeed(seed),
  };
}

/** Checks the options that choose the best epoch. */
function selection(
  { selectBy = "loss", ...options }: SequenceOptions,
  carry: boolean,
): Pick<SequenceSettings, "selectBy" | "withoutSeen"> {
  checkOneOf("selectBy", selectBy, SELECT_BY);
  const withoutSeen = checkSeen(options.withoutSeen, carry);
  if (withoutSeen && options.heldOut === undefined) requireBeside("heldOut", { withoutSeen }, ["withoutSeen"]);
  if (withoutSeen && selectBy === "loss") {
    throw new RangeError(
      '"withoutSeen" expected "selectBy" recall or ndcg beside it, got loss, which is over all classes',
    );
  }
  return { selectBy, withoutSeen };
}

/** Checks `withoutSeen`, which would leave nearly all words of a text out. */
export function checkSeen(given: boolean | undefined, carry: boolean): boolean {
  const withoutSeen = checkFlag("withoutSeen", given);
  if (withoutSeen && carry) {
    throw new RangeError('"withoutSeen" expected sequences without "carry": a text repeats its words');
  }
  return withoutSeen;
}

function checkBetas(betas: Betas, optimizer: OptimizerName): Betas {
  if (betas !== BETAS && optimizer !== "adam")
    throw new RangeError(`"betas" expected the optimizer adam, got ${optimizer}`);
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new TypeError(`"betas" expected an array of two numbers, got ${kindOf(betas)}`);
  }
  const [first, second] = betas.map((beta, i) => checkNumber(`betas[${i}]`, beta, 0, MOST_BETA));
  return [first as number, second as number];
}

/** Checks the sequences, and that the held-out ones have the same items. */
export function checkAll(sequences: Sequences, heldOut: Sequences | undefined): void {
  checkSequences("sequences", sequences);
  if (heldOut === undefined) return;
  checkSequences("heldOut", heldOut);
  if (heldOut.itemCount === sequences.itemCount) return;
  const { itemCount } = sequences;
  throw new RangeError(`"heldOut.itemCount" expected ${itemCount}, as in sequences, got ${heldOut.itemCount}`);
}

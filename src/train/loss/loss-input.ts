import { checkArray, kindOf, shown } from "../../checks/check.ts";
import type { Names } from "../../checks/function-options.ts";
import { checkFloats } from "../rows/matrix.ts";
import type { SampledClasses } from "../samplers/sampler.ts";

/** The vectors and biases of n classes. */
export interface ClassVectors {
  /** f32 (n, dim). */
  readonly rows: Float32Array;
  /** f32 (n). */
  readonly biases: Float32Array;
}

/** The positives of an example, at least one. */
export interface PositiveClasses extends ClassVectors {
  /** Distinct ids, in the order of the rows. */
  readonly ids: ArrayLike<number>;
}

/**
 * Draws, at least one, and the vectors and biases of the classes drawn, in the same order. A class can occur more than
 * once.
 */
export interface SampledVectors extends ClassVectors, SampledClasses {}

/**
 * One example of a sampled softmax. Both forms correct the logits by log Q. Form "A" draws from all classes and also needs
 * log Q of the positives. Form "B" draws from the classes that are not positives, with log Q normalised over these.
 */
export type LossInput =
  | {
      /** The form of the loss: draws come from all classes. */
      readonly form: "A";
      /** f32 (dim). */
      readonly query: Float32Array;
      /** The positives, with their log Q from `logQ` of the sampler. */
      readonly positives: PositiveClasses & Pick<SampledClasses, "logQ">;
      /** The draws. A positive may be among them. */
      readonly sampled: SampledVectors;
    }
  | {
      /** The form of the loss: draws come from the classes that are not positives. */
      readonly form: "B";
      /** f32 (dim). */
      readonly query: Float32Array;
      /** The positives. */
      readonly positives: PositiveClasses;
      /** The draws, none of them a positive. */
      readonly sampled: SampledVectors;
    };

export const LOSS_INPUT: Names<LossInput> = { form: true, query: true, positives: true, sampled: true };

/** Tolerance above 0 for log-probabilities, because rounding of large logits in f32 can lift them. */
const ROUNDING = 1e-3;

/** Throws a TypeError or RangeError that names the argument and the element. */
export function checkLossInput(input: LossInput): void {
  const { form, query, positives, sampled } = input;
  if (form !== "A" && form !== "B") throw new RangeError(`"form" expected A or B, got ${shown(form)}`);
  checkFloats("query", query);
  checkVectors("positives", positives, query.length);
  checkVectors("sampled", sampled, query.length);
  if (input.form === "A") checkLogQ("positives", input.positives);
  checkLogQ("sampled", sampled);
  const isPositive = new Set<number>();
  for (let i = 0; i < positives.ids.length; i++) {
    const id = positives.ids[i] as number;
    if (isPositive.has(id)) throw new RangeError(`"positives.ids"[${i}] expected distinct classes, got ${id} again`);
    isPositive.add(id);
  }
  if (form === "A") return;
  for (let i = 0; i < sampled.ids.length; i++) {
    if (!isPositive.has(sampled.ids[i] as number)) continue;
    throw new RangeError(`"sampled.ids"[${i}] expected no positive in form B, got ${sampled.ids[i]}`);
  }
}

/** Throws a RangeError that names the first value which is not finite. A bias of −∞ takes a class out, and is no fault. */
export function checkFinite({ query, positives, sampled }: LossInput): void {
  const rest = { "positives.rows": positives.rows, "sampled.rows": sampled.rows };
  const biases = { "positives.biases": positives.biases, "sampled.biases": sampled.biases };
  for (const [name, values] of Object.entries({ query, ...rest, ...biases })) {
    const i = values.findIndex((value) => !Number.isFinite(value) && !(name in biases && value < 0));
    if (i < 0) continue;
    throw new RangeError(`"${name}"[${i}] expected a finite value, got ${values[i]}: has the training diverged?`);
  }
}

function checkVectors(name: string, classes: PositiveClasses, dim: number): void {
  if (typeof classes !== "object" || classes === null) {
    throw new TypeError(`"${name}" expected { ids, rows, biases }, got ${kindOf(classes)}`);
  }
  const { ids, rows, biases } = classes;
  checkArray(`${name}.ids`, ids, "integers");
  checkFloats(`${name}.rows`, rows);
  checkFloats(`${name}.biases`, biases);
  const count = ids.length;
  if (count === 0) throw new RangeError(`"${name}.ids" expected at least one class, got none`);
  if (rows.length !== count * dim) {
    throw new RangeError(`"${name}.rows" expected ${count} × ${dim} values, got ${rows.length}`);
  }
  if (biases.length !== count) throw new RangeError(`"${name}.biases" expected ${count} values, got ${biases.length}`);
  for (let i = 0; i < count; i++) {
    // The text "7" would be another class than the number 7, and so no positive among the draws.
    if (Number.isInteger(ids[i])) continue;
    throw new TypeError(`"${name}.ids"[${i}] expected an integer, got ${shown(ids[i])}`);
  }
}

function checkLogQ(
  name: string,
  { ids, logQ }: { readonly ids: ArrayLike<number>; readonly logQ?: Float64Array },
): void {
  if (logQ?.length !== ids.length) {
    throw new RangeError(`"${name}.logQ" expected ${ids.length} values, got ${logQ?.length ?? "none"}`);
  }
  for (let i = 0; i < logQ.length; i++) {
    if ((logQ[i] as number) <= ROUNDING && logQ[i] !== Number.NEGATIVE_INFINITY) continue;
    throw new RangeError(`"${name}.logQ"[${i}] expected the log of a probability above 0, got ${logQ[i]}`);
  }
}

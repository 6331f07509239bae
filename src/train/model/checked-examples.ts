import { kindOf } from "../../checks/check.ts";
import { checkExamples, type Examples } from "./examples.ts";
import type { Model } from "./model.ts";

/** The counts that a model and its examples have in common. */
const COUNTS = ["classCount", "featureCount", "positionCount"] as const;

/**
 * Checks examples that a model is applied to. Ids of another vocabulary would be read beyond the model's tables. A
 * TypeError or RangeError names what is wrong.
 */
export function checkModelExamples(model: Model, examples: Examples): void {
  const shape: Partial<Model["shape"]> | undefined = Object(model).shape;
  if (typeof shape?.classCount !== "number") {
    throw new TypeError(`"model" expected a trained model, got ${kindOf(model)}`);
  }
  if (shape.encoder !== undefined) {
    throw new TypeError('"model" expected a model of features, got one of sequences: evaluateSequences takes it');
  }
  checkExamples("examples", examples);
  checkCounts("examples", examples, shape, "the model");
}

/** Throws a RangeError if examples have other counts than the object that they are used with. */
export function checkCounts(
  name: string,
  examples: Examples,
  counts: Partial<Pick<Examples, (typeof COUNTS)[number]>>,
  of: string,
): void {
  for (const count of COUNTS) {
    if (examples[count] === counts[count]) continue;
    throw new RangeError(`"${name}.${count}" expected ${counts[count]}, as in ${of}, got ${examples[count]}`);
  }
}

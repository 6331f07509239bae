import { kindOf } from "../../checks/check.ts";
import type { Model } from "../model/model.ts";

/** Throws a TypeError for anything but a model of sequences, whose tables an encoder needs. */
export function checkedModel(model: Model): void {
  const shape: Partial<Model["shape"]> | undefined = Object(model).shape;
  if (typeof shape?.classCount !== "number") {
    throw new TypeError(`"model" expected a trained model, got ${kindOf(model)}`);
  }
  if (shape.encoder !== undefined) return;
  throw new TypeError('"model" expected a model of sequences, got one of features: evaluateModel takes it');
}

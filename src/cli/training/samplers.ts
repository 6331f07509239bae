import type { Examples } from "../../train/model/examples.ts";
import type { SamplerFactory } from "../../train/model/train-options.ts";
import { createSampler } from "../../train/samplers/create-inlined.ts";

/** What classes are drawn by; `full` draws none, for the softmax over all of them. */
export const SAMPLERS = ["full", "midx", "uniform", "unigram", "log-uniform", "lsh", "quadratic", "fourier"] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** For `train`: proposals that go by counts take those of the examples. */
export function samplerNamed(kind: SamplerName, examples: Examples): SamplerFactory | undefined {
  if (kind === "full") return undefined;
  const counts = countsOf(examples);
  return (rows, biases) => createSampler({ kind }, { rows, biases, counts });
}

/** How often each class is a positive. */
function countsOf({ positives, classCount }: Examples): Uint32Array {
  const counts = new Uint32Array(classCount);
  for (const id of positives.ids) counts[id] = (counts[id] as number) + 1;
  return counts;
}

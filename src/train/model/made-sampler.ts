import { kindOf } from "../../checks/check.ts";
import type { Sampler } from "../samplers/sampler.ts";
import type { SamplerFactory } from "./train-options.ts";

/** Throws a TypeError for the option `sampler` of another kind, such as the options of a sampler. */
export function checkFactory(factory: unknown): void {
  if (factory === undefined || typeof factory === "function") return;
  const expected = "a function that makes one, (rows, biases) => createSampler(…)";
  throw new TypeError(`"sampler" expected ${expected}, got ${kindOf(factory)}`);
}

/** Makes the sampler of an epoch. Throws a TypeError if the factory returns something else. */
export async function madeSampler(
  factory: SamplerFactory | undefined,
  ...values: Parameters<SamplerFactory>
): Promise<Sampler | undefined> {
  if (factory === undefined) return undefined;
  const sampler: Partial<Sampler> | undefined = await factory(...values);
  if (typeof sampler?.draw === "function") return sampler as Sampler;
  const expected = "a function that returns a sampler, as createSampler does";
  throw new TypeError(`"sampler" expected ${expected}, got one that returns ${kindOf(sampler)}`);
}

import { ALL_SAMPLERS } from "./plan.ts";
import type { Compared, Contender } from "./result.ts";

const ORDER: readonly Contender[] = [...ALL_SAMPLERS, "item-to-item counts"];
const placeOf = (contender: Contender): number => ORDER.indexOf(contender);

/**
 * Adds what was written of the samplers that have no finished run here, and their differences. It still holds, because a training
 * has the same bits wherever it runs.
 */
export function withKept(fresh: Compared, before: Compared): Compared {
  if (before.epochs !== fresh.epochs) return fresh;
  const entries = [
    ...fresh.entries,
    ...before.entries.filter(({ sampler }) => !fresh.entries.some((entry) => entry.sampler === sampler)),
  ];
  const differences = [
    ...fresh.differences,
    ...before.differences.filter(({ a, b }) => !fresh.differences.some((other) => other.a === a && other.b === b)),
  ];
  return {
    ...fresh,
    entries: entries.sort((a, b) => placeOf(a.sampler) - placeOf(b.sampler)),
    differences: differences.sort(
      (one, other) => placeOf(one.a) - placeOf(other.a) || placeOf(one.b) - placeOf(other.b),
    ),
  };
}

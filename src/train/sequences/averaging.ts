import { averagesOf, type Tables, valuesOf } from "../model/tables.ts";
import type { Arena } from "../runtime/arena.ts";

/** The times in an epoch at which the weights enter the averages. An epoch of fewer steps has one for each. */
const TIMES = 8;
/** The averages reach back over about a part of the training so far, one of DECAY + 1. */
const DECAY = 8;

/**
 * Returns a function that follows the steps of a training, and keeps averages of the tables that are averaged: weights lose
 * their part as the training goes on, so that the averages reach back over about the last ninth of it, however long it is
 * (polynomial-decay averaging, Shamir & Zhang 2013). They lack most of the noise that single steps leave at a constant learning
 * rate. Undefined if no table is averaged.
 *
 * Averages are computed in f64 and rounded to f32, so they have the same bits in every runtime.
 */
export function planAveraging(
  arena: Arena,
  tables: Tables,
  stepsOfEpoch: number,
): ((step: number) => void) | undefined {
  const averaged = Object.values(tables).filter(({ average }) => average !== undefined);
  if (averaged.length === 0) return undefined;
  const every = Math.max(1, Math.floor(stepsOfEpoch / TIMES));
  return (step) => {
    if ((step + 1) % every !== 0) return;
    const share = (DECAY + 1) / ((step + 1) / every + DECAY);
    for (const table of averaged) {
      const [values, averages] = [valuesOf(arena, table), averagesOf(arena, table) as Float32Array];
      for (let i = 0; i < values.length; i++) {
        const before = averages[i] as number;
        averages[i] = before + share * ((values[i] as number) - before);
      }
    }
  };
}

/** Runs a function with the averages of tables in place of their values, if they are averaged. */
export function withAverages<T>(arena: Arena, tables: Tables, use: () => T): T {
  exchange(arena, tables);
  try {
    return use();
  } finally {
    exchange(arena, tables);
  }
}

function exchange(arena: Arena, tables: Tables): void {
  for (const table of Object.values(tables)) {
    const averages = averagesOf(arena, table);
    if (!averages) continue;
    const values = valuesOf(arena, table);
    const copy = values.slice();
    values.set(averages);
    averages.set(copy);
  }
}

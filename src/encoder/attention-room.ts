import { ATTENTION_WEIGHTS, NORM_MOMENTS } from "../../build/structs.ts";
import { PANEL_WIDTH } from "../abi.ts";
import type { AttentionWeights } from "./attention-weights.ts";
import type { Memory } from "./memory.ts";

/** Addresses of rows of `dim` values. */
export interface AttentionRoom {
  readonly inputs: number;
  readonly normed: number;
  readonly queries: number;
  readonly attended: number;
  readonly mixed: number;
  /** The rows of a state (attention-state.ts). */
  readonly kept: number;
}

interface Sizes {
  readonly dim: number;
  readonly rowValues: number;
  readonly length: number;
}

/** Returns a function that makes room for a number of positions, at most `length`. Views of memory end with it. */
export function attentionRoom(
  memory: Memory,
  { norms, attention }: AttentionWeights,
  { dim, rowValues, length }: Sizes,
): (positions: number) => AttentionRoom {
  const release = memory.mark();
  let [capacity, room] = [0, {} as AttentionRoom];
  return (positions) => {
    if (positions <= capacity) return room;
    capacity = Math.min(length, 2 * positions);
    release();
    const rows = (): number => memory.take(capacity * dim);
    room = {
      inputs: rows(),
      normed: rows(),
      queries: rows(),
      attended: rows(),
      mixed: rows(),
      kept: memory.take(capacity * rowValues),
    };
    const weights = memory.take(capacity * Math.ceil(capacity / PANEL_WIDTH) * PANEL_WIDTH);
    memory.set(attention, { [ATTENTION_WEIGHTS]: weights });
    const moments = memory.take(2 * capacity);
    for (const norm of norms) memory.set(norm, { [NORM_MOMENTS]: moments });
    return room;
  };
}

import {
  GRUSTEP_BYTES,
  GRUSTEP_INPUTS,
  GRUSTEP_PREVIOUS,
  GRUSTEP_STATES,
  GRUSTEP_UNITS,
} from "../../../build/structs.ts";
import type { ModelKernels } from "../model/kernels.ts";
import { type Table, type Tables, valuesOf } from "../model/tables.ts";
import type { Arena } from "../runtime/arena.ts";
import type { WeightGradients } from "./encoder-layer.ts";
import { panelBytes, planOverPositions, planPanels, repeatRow, rowsAt, transposed } from "./products.ts";
import type { BatchLimits } from "./windows.ts";

/** Gated recurrent units for a batch. All rows are in the order of steps. */
export interface GruLayer {
  /** Address of the inputs, f32 (positions, dim), which the caller writes. After `backward` it holds their gradients. */
  readonly inputs: number;
  /** Address of the states after each position, f32 (positions, units). */
  readonly states: number;
  /** Address of the gradients of the states, f32 (positions, units), which the caller writes before `backward`. */
  readonly gradients: number;
  /** Address of the states before the first step, f32 (windows, units), which the caller writes. */
  readonly first: number;
  /** `counts` are the windows at each step. */
  forward(counts: Int32Array): void;
  /** Adds to the gradients of the weights and computes those of the inputs. */
  backward(counts: Int32Array): void;
}

/** Returns a function that gives the address of the struct of the step whose rows begin at a position. */
function planStep(
  arena: Arena,
  units: number,
  { products, stateProducts, previous }: Readonly<Record<"products" | "stateProducts" | "previous", number>>,
): (at: number) => number {
  const step = arena.struct(GRUSTEP_BYTES, { [GRUSTEP_UNITS]: units });
  return (at) => {
    arena.set(step, {
      [GRUSTEP_INPUTS]: products + at * 12 * units,
      [GRUSTEP_STATES]: stateProducts + at * 12 * units,
      [GRUSTEP_PREVIOUS]: previous + at * 4 * units,
    });
    return step;
  };
}

export function planGru(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  { windows, positions }: BatchLimits,
  gradientOf?: WeightGradients,
): GruLayer {
  const inputWeight = tables["gru.inputWeight"] as Table;
  const stateWeight = tables["gru.stateWeight"] as Table;
  const biases = [tables["gru.inputBias"], tables["gru.stateBias"]] as [Table, Table];
  const { width: dim, rows: gates } = inputWeight;
  const { width: units } = stateWeight;
  const take = (rows: number, width: number): number => arena.take(rows * width * 4);
  const [inputs, products, stateProducts] = [take(positions, dim), take(positions, gates), take(positions, gates)];
  const [previous, states, gradients] = [take(positions, units), take(positions, units), take(positions, units)];
  const [first, dropped] = [take(windows, units), take(windows, units)];
  const eitherWay = (a: number, b: number): number => Math.max(panelBytes(a, b), panelBytes(b, a));
  const ofInputs = planPanels(kernels, arena, eitherWay(dim, gates));
  const ofStates = planPanels(kernels, arena, eitherWay(units, gates));
  const addOver = planOverPositions(kernels, arena, Math.max(dim, units));
  const stepAt = planStep(arena, units, { products, stateProducts, previous });
  const sums = (out: number, width: number, rows: number) => ({ out, outBytes: width * 4, rows });

  return {
    inputs,
    states,
    gradients,
    first,
    forward(counts) {
      const total = counts.reduce((sum, count) => sum + count, 0);
      repeatRow(arena, products, total, valuesOf(arena, biases[0]));
      repeatRow(arena, stateProducts, total, valuesOf(arena, biases[1]));
      ofInputs.pack(transposed(rowsAt(inputWeight.values, dim)), dim, gates);
      ofStates.pack(transposed(rowsAt(stateWeight.values, units)), units, gates);
      ofInputs.addTo(sums(products, gates, total), rowsAt(inputs, dim));
      for (let t = 0, at = 0, before = first; t < counts.length; t++) {
        const count = counts[t] as number;
        const [own, out] = [previous + at * units * 4, states + at * units * 4];
        arena.f32(own, count * units).set(arena.f32(before, count * units));
        ofStates.addTo(sums(stateProducts + at * gates * 4, gates, count), rowsAt(own, units));
        kernels.gruForward(stepAt(at), out, count);
        before = out;
        at += count;
      }
    },
    backward(counts) {
      if (!gradientOf) throw new RangeError("this layer was planned without gradients");
      const total = counts.reduce((sum, count) => sum + count, 0);
      ofStates.pack(rowsAt(stateWeight.values, units), gates, units);
      for (let t = counts.length - 1, end = total; t >= 0; t--) {
        const count = counts[t] as number;
        const at = end - count;
        const before = t > 0 ? gradients + (at - (counts[t - 1] as number)) * units * 4 : dropped;
        kernels.gruBackward(stepAt(at), gradients + at * units * 4, before, count);
        if (t > 0) ofStates.addTo(sums(before, units, count), rowsAt(stateProducts + at * gates * 4, gates));
        end = at;
      }
      const ofProducts = { values: products, width: gates };
      const ofStateProducts = { values: stateProducts, width: gates };
      addOver(gradientOf(inputWeight), ofProducts, { values: inputs, width: dim }, total);
      addOver(gradientOf(stateWeight), ofStateProducts, { values: previous, width: units }, total);
      kernels.sumColumns(products, total, gates * 4, gates, gradientOf(biases[0]));
      kernels.sumColumns(stateProducts, total, gates * 4, gates, gradientOf(biases[1]));
      arena.f32(inputs, total * dim).fill(0);
      ofInputs.pack(rowsAt(inputWeight.values, dim), gates, dim);
      ofInputs.addTo(sums(inputs, dim, total), rowsAt(products, gates));
    },
  };
}

import type { ModelKernels } from "../model/kernels.ts";
import { type Table, type Tables, valuesOf } from "../model/tables.ts";
import { PURPOSE } from "../random/uniforms.ts";
import type { Arena } from "../runtime/arena.ts";
import { planDropout } from "./dropout.ts";
import { type EncoderLayer, itemsOf, type Learning } from "./encoder-layer.ts";
import { planGru } from "./gru-layer.ts";
import { panelBytes, planOverPositions, planPanels, repeatRow, rowsAt, transposed } from "./products.ts";
import type { BatchLimits } from "./windows.ts";

/** Plans gated recurrent units. All rows of a layer except the queries are in the order of steps. */
export function planRecurrent(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  limits: BatchLimits,
  learning?: Learning,
): EncoderLayer {
  const { positions } = limits;
  const { width: dim, values: items } = itemsOf(tables);
  const units = (tables["gru.stateWeight"] as Table).width;
  const gru = planGru(kernels, arena, tables, limits, learning?.gradientOf);
  const ids = (): number => arena.take(positions * 4);
  const [itemIds, targets, byWindow, byStep] = [ids(), ids(), ids(), ids()];
  const room = (width: number): number => arena.take((positions * width + 8) * 4);
  const [outputs, outputGradients] = [room(units), learning ? room(units) : 0];
  const project = tables["projection.weight"] && planProjection(kernels, arena, tables, positions, learning);
  const queries = project?.queries ?? outputs;
  const gradients = project ? project.gradients : outputGradients;
  const drop = planDropout(kernels, arena, learning?.dropout ?? 0, learning?.seed ?? 0n);
  const { inputDropout, outputDropout } = PURPOSE;

  return {
    queries,
    gradients,
    itemIds,
    targets,
    itemGradients: gru.inputs,
    reset() {
      arena.f32(gru.first, limits.windows * units).fill(0);
    },
    forward(packed, step) {
      const { length } = packed.inputs;
      arena.i32(itemIds, length).set(packed.inputs);
      arena.i32(targets, length).set(packed.targets);
      arena.i32(byWindow, length).set(packed.byWindow);
      arena.i32(byStep, length).set(packed.byStep);
      kernels.gatherRows(items, itemIds, length, dim, gru.inputs);
      if (step !== undefined) drop(gru.inputs, length * dim, inputDropout, step);
      gru.forward(packed.counts);
      kernels.gatherRows(gru.states, byWindow, length, units, outputs);
      if (step !== undefined) drop(outputs, length * units, outputDropout, step);
      project?.forward(outputs, length);
      if (learning) arena.f32(gradients, length * dim).fill(0);
    },
    carry({ byWindow: places, counts }) {
      let end = 0;
      for (let window = 0; window < (counts[0] ?? 0); window++) {
        const length = counts.reduce((sum, count) => sum + (count > window ? 1 : 0), 0);
        end += length;
        const last = gru.states + (places[end - 1] as number) * units * 4;
        arena.f32(gru.first + window * units * 4, units).set(arena.f32(last, units));
      }
    },
    backward(packed, step) {
      const { length } = packed.inputs;
      project?.backward(outputs, outputGradients, length);
      drop(outputGradients, length * units, outputDropout, step);
      kernels.gatherRows(outputGradients, byStep, length, units, gru.gradients);
      gru.backward(packed.counts);
      drop(gru.inputs, length * dim, inputDropout, step);
    },
  };
}

/** Plans the projection of states to queries, if they have different widths. */
function planProjection(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  positions: number,
  learning: Learning | undefined,
) {
  const [weight, bias] = [tables["projection.weight"], tables["projection.bias"]] as [Table, Table];
  const { rows: dim, width: units } = weight;
  const queries = arena.take((positions * dim + 8) * 4);
  const gradients = learning ? arena.take(positions * dim * 4) : 0;
  const panels = planPanels(kernels, arena, Math.max(panelBytes(units, dim), panelBytes(dim, units)));
  const addOver = planOverPositions(kernels, arena, units);
  return {
    queries,
    gradients,
    forward(outputs: number, rows: number): void {
      repeatRow(arena, queries, rows, valuesOf(arena, bias));
      panels.pack(transposed(rowsAt(weight.values, units)), units, dim);
      panels.addTo({ out: queries, outBytes: dim * 4, rows }, rowsAt(outputs, units));
    },
    backward(outputs: number, outputGradients: number, rows: number): void {
      const { gradientOf } = learning as Learning;
      addOver(gradientOf(weight), { values: gradients, width: dim }, { values: outputs, width: units }, rows);
      kernels.sumColumns(gradients, rows, dim * 4, dim, gradientOf(bias));
      arena.f32(outputGradients, rows * units).fill(0);
      panels.pack(rowsAt(weight.values, units), dim, units);
      panels.addTo({ out: outputGradients, outBytes: units * 4, rows }, rowsAt(gradients, dim));
    },
  };
}

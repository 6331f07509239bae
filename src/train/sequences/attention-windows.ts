import {
  ATTENTION_BYTES,
  ATTENTION_COUNT,
  ATTENTION_FILLED,
  ATTENTION_FIRST,
  ATTENTION_HEAD_COUNT,
  ATTENTION_KEY_BYTES,
  ATTENTION_KEYS,
  ATTENTION_LEFT,
  ATTENTION_OUT,
  ATTENTION_OUT_BYTES,
  ATTENTION_PANELS,
  ATTENTION_QUERIES,
  ATTENTION_QUERY_BYTES,
  ATTENTION_RIGHT,
  ATTENTION_VALUES,
  ATTENTION_WEIGHTS,
  ATTENTION_WIDTH,
  ATTENTIONGRADIENTS_BYTES,
  ATTENTIONGRADIENTS_KEYS,
  ATTENTIONGRADIENTS_OUT,
  ATTENTIONGRADIENTS_QUERIES,
  ATTENTIONGRADIENTS_SLOPES,
  ATTENTIONGRADIENTS_VALUES,
  MATRIX_BYTES,
  PANELS_BYTES,
  PANELS_VALUES,
  WEIGHTDROPOUT_BYTES,
  WEIGHTDROPOUT_KEPT,
  WEIGHTDROPOUT_PURPOSE,
  WEIGHTDROPOUT_SEED_HIGH,
  WEIGHTDROPOUT_SEED_LOW,
  WEIGHTDROPOUT_STEP,
  WEIGHTDROPOUT_WORDS,
} from "../../../build/structs.ts";
import { ALL_KEPT, KEY_BLOCK, PANEL_WIDTH } from "../../abi.ts";
import type { ModelKernels } from "../model/kernels.ts";
import type { Arena } from "../runtime/arena.ts";
import { keptOf } from "./dropout.ts";
import type { Learning } from "./encoder-layer.ts";
import type { Span } from "./loss.ts";
import { panelBytes } from "./products.ts";

/** Addresses of the rows that attention reads and writes or, in the backward pass, of their gradients. */
export interface AttentionRows {
  /** f32 (positions, 3 · dim): queries, keys and values side by side. */
  readonly products: number;
  /** f32 (positions, dim). */
  readonly out: number;
}

/** The step and the purpose of the random numbers that choose the weights to drop. Undefined: none is dropped. */
export type Dropped = { readonly step: number; readonly purpose: number } | undefined;

/** Causal attention within each window of a batch. */
export interface AttentionWindows {
  forward(rows: AttentionRows, spans: readonly Span[], dropped: Dropped): void;
  /** Sets the gradients of the products from those of the outputs. */
  backward(rows: AttentionRows, gradients: AttentionRows, spans: readonly Span[], dropped: Dropped): void;
}

const LOW = 0xffffffffn;

/** Plans attention within windows. `longest` is the largest number of positions of a window. */
export function planAttentionWindows(
  kernels: ModelKernels,
  arena: Arena,
  { dim, heads }: { readonly dim: number; readonly heads: number },
  longest: number,
  learning: Learning | undefined,
): AttentionWindows {
  const width = dim / heads;
  const weightBytes = Math.ceil(longest / PANEL_WIDTH) * PANEL_WIDTH * 4 * longest;
  const panels = arena.take(panelBytes(Math.max(KEY_BLOCK, width), Math.max(KEY_BLOCK, width)));
  const attention = arena.struct(ATTENTION_BYTES, {
    [ATTENTION_WEIGHTS]: arena.take(weightBytes),
    [ATTENTION_QUERY_BYTES]: 12 * dim,
    [ATTENTION_KEY_BYTES]: 12 * dim,
    [ATTENTION_OUT_BYTES]: 4 * dim,
    [ATTENTION_LEFT]: arena.take(MATRIX_BYTES),
    [ATTENTION_RIGHT]: arena.take(MATRIX_BYTES),
    [ATTENTION_PANELS]: arena.struct(PANELS_BYTES, { [PANELS_VALUES]: panels }),
    [ATTENTION_HEAD_COUNT]: heads,
    [ATTENTION_WIDTH]: width,
    [ATTENTION_FILLED]: width,
    [ATTENTION_FIRST]: 0,
  });
  const gradientsAt = arena.struct(ATTENTIONGRADIENTS_BYTES, {
    [ATTENTIONGRADIENTS_SLOPES]: learning ? arena.take(weightBytes) : 0,
  });
  const seed = BigInt.asUintN(64, learning?.seed ?? 0n);
  const dropout = arena.struct(WEIGHTDROPOUT_BYTES, {
    [WEIGHTDROPOUT_SEED_LOW]: Number(seed & LOW),
    [WEIGHTDROPOUT_SEED_HIGH]: Number(seed >> 32n),
    [WEIGHTDROPOUT_WORDS]: arena.take(16),
  });
  const kept = keptOf(learning?.dropout ?? 0);

  const drop = (dropped: Dropped): void =>
    arena.set(dropout, {
      [WEIGHTDROPOUT_KEPT]: dropped ? kept : ALL_KEPT,
      [WEIGHTDROPOUT_STEP]: dropped?.step ?? 0,
      [WEIGHTDROPOUT_PURPOSE]: dropped?.purpose ?? 0,
    });
  const place = ({ products, out }: AttentionRows, { first, length }: Span): void => {
    const row = products + first * 12 * dim;
    arena.set(attention, {
      [ATTENTION_QUERIES]: row,
      [ATTENTION_KEYS]: row + 4 * dim,
      [ATTENTION_VALUES]: row + 8 * dim,
      [ATTENTION_OUT]: out + first * 4 * dim,
      [ATTENTION_COUNT]: length,
    });
  };
  return {
    forward(rows, spans, dropped) {
      drop(dropped);
      for (const [window, span] of spans.entries()) {
        place(rows, span);
        kernels.attendDropped(attention, dropout, window);
      }
    },
    backward(rows, { products, out }, spans, dropped) {
      drop(dropped);
      for (const [window, span] of spans.entries()) {
        place(rows, span);
        const row = products + span.first * 12 * dim;
        arena.set(gradientsAt, {
          [ATTENTIONGRADIENTS_OUT]: out + span.first * 4 * dim,
          [ATTENTIONGRADIENTS_QUERIES]: row,
          [ATTENTIONGRADIENTS_KEYS]: row + 4 * dim,
          [ATTENTIONGRADIENTS_VALUES]: row + 8 * dim,
        });
        kernels.attendGradient(attention, gradientsAt, dropout, window);
      }
    },
  };
}

import type { ModelKernels } from "../model/kernels.ts";
import { PURPOSE } from "../random/uniforms.ts";
import type { Arena } from "../runtime/arena.ts";
import type { Layers } from "./attention-layer.ts";
import type { AttentionWindows } from "./attention-windows.ts";
import type { Dropout } from "./dropout.ts";
import type { Span } from "./loss.ts";

/** The windows of a batch and the step whose values are dropped. Without a step no value is dropped. */
export interface BlockBatch {
  readonly spans: readonly Span[];
  readonly rows: number;
  readonly step: number | undefined;
}

/** A block of self-attention, in the form of SASRec (Kang & McAuley 2018). Rows are in the order of windows. */
export interface AttentionBlock {
  /** Sets rows, f32 (rows, dim), to the outputs of those of `input`. */
  forward(input: number, out: number, batch: BlockBatch): void;
  /** Turns the gradients of the outputs into those of the inputs, and adds to the gradients of the weights. */
  backward(input: number, gradients: number, batch: BlockBatch): void;
}

/** The parts that all blocks share. */
export interface BlockParts {
  readonly kernels: ModelKernels;
  readonly arena: Arena;
  readonly layers: Layers;
  readonly windows: AttentionWindows;
  readonly drop: Dropout;
  readonly dim: number;
  /** Room for the values of a batch that a block keeps for the backward pass. */
  readonly room: BlockRoom;
  /** Room of a batch for gradients. All addresses are 0 in a block that does not learn. */
  readonly back: BackRoom;
}

/** Addresses of rows of `dim` values, and of three times as many. */
export interface BlockRoom {
  readonly queries: number;
  readonly products: number;
  readonly attended: number;
  readonly mixed: number;
  readonly normed: number;
  readonly inner: number;
}

export interface BackRoom {
  readonly outer: number;
  readonly inner: number;
  readonly attended: number;
  readonly products: number;
}

/**
 * With q = norm(x): y = q + attention(q, x, x), f = norm(y), and the outputs are f + outer(relu(inner(f))). Weights of
 * attention and the outputs of both last layers are dropped.
 */
export function planBlock(parts: BlockParts, block: number, positions: number): AttentionBlock {
  const { kernels, arena, layers, windows, drop, dim, room, back } = parts;
  const { queries, products, attended, mixed, normed, inner } = room;
  const [first, second] = [layers.norm(2 * block, positions), layers.norm(2 * block + 1, positions)];
  const [toProducts, toMixed] = [layers.linear("input", block), layers.linear("output", block)];
  const [toInner, toOuter] = [layers.linear("inner", block), layers.linear("outer", block)];
  const ofQueries = { first: 0, count: dim };
  const ofKeys = { first: dim, count: 2 * dim };
  const purpose = PURPOSE.blockDropout + 3 * block;
  const narrow = (values: number) => ({ values, width: dim });
  const wide = (values: number) => ({ values, width: 3 * dim });
  const droppedOf = ({ step }: BlockBatch) => (step === undefined ? undefined : { step, purpose });
  const dropRows = (values: number, { rows, step }: BlockBatch, of: number): void => {
    if (step !== undefined) drop(values, rows * dim, purpose + of, step);
  };
  const copy = (out: number, from: number, rows: number): void =>
    arena.f32(out, rows * dim).set(arena.f32(from, rows * dim));

  return {
    forward(input, out, batch) {
      const { rows, spans } = batch;
      first.forward(input, queries, rows);
      toProducts.start(products, rows);
      toProducts.add(wide(products), queries, rows, ofQueries);
      toProducts.add(wide(products), input, rows, ofKeys);
      windows.forward({ products, out: attended }, spans, droppedOf(batch));
      toMixed.start(mixed, rows);
      toMixed.add(narrow(mixed), attended, rows);
      kernels.addValues(mixed, queries, rows * dim);
      second.forward(mixed, normed, rows);
      toInner.start(inner, rows);
      toInner.add(narrow(inner), normed, rows);
      kernels.reluInPlace(inner, rows * dim);
      dropRows(inner, batch, 1);
      toOuter.start(out, rows);
      toOuter.add(narrow(out), inner, rows);
      dropRows(out, batch, 2);
      kernels.addValues(out, normed, rows * dim);
    },
    backward(input, gradients, batch) {
      const { rows, spans } = batch;
      copy(back.outer, gradients, rows);
      dropRows(back.outer, batch, 2);
      toOuter.addBiases(back.outer, rows);
      arena.f32(back.inner, rows * dim).fill(0);
      toOuter.backward(narrow(back.outer), inner, back.inner, rows);
      dropRows(back.inner, batch, 1);
      kernels.reluGradient(inner, back.inner, rows * dim);
      toInner.addBiases(back.inner, rows);
      toInner.backward(narrow(back.inner), normed, gradients, rows);
      second.backward(mixed, gradients, rows);
      toMixed.addBiases(gradients, rows);
      arena.f32(back.attended, rows * dim).fill(0);
      toMixed.backward(narrow(gradients), attended, back.attended, rows);
      const toRows = { products: back.products, out: back.attended };
      windows.backward({ products, out: attended }, toRows, spans, droppedOf(batch));
      toProducts.addBiases(back.products, rows);
      toProducts.backward(wide(back.products), queries, gradients, rows, ofQueries);
      first.backward(input, gradients, rows);
      toProducts.backward(wide(back.products), input, gradients, rows, ofKeys);
    },
  };
}

import type { IndexSource, MultiIndex } from "../../src/public.ts";
import { Problem } from "../contract/problem.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { Load } from "../publication/open-publication.ts";

interface UnknownOption {
  readonly unknown?: "refuse" | "skip";
}

/** An encoder that makes queries of sequences: `SequenceEncoder` of midx/encoder. */
export interface ItemEncoder {
  readonly units: number;
  /** The most items that a query depends on: Infinity for a GRU. */
  readonly length: number;
  encode(sequence: readonly (number | string)[], options: UnknownOption): Float32Array;
  start(): Float32Array;
  read(
    state: Float32Array,
    sequence: readonly (number | string)[],
    options: UnknownOption,
  ): { readonly state: Float32Array; readonly query: Float32Array };
  /** Looks items up together, if that takes a round trip. */
  lookUp?(items: readonly unknown[]): void;
}

/** Opens the encoder of an index. Undefined for an index without one. */
export type OpenEncoder = (index: MultiIndex) => Promise<ItemEncoder | undefined>;

const encoders = new WeakMap<ServedIndex, ItemEncoder>();

/** Opens the encoder of an index, if it has one, for the queries of sequences. */
export async function openFor(index: ServedIndex, openEncoder: OpenEncoder): Promise<void> {
  const encoder = await openEncoder(index as MultiIndex);
  if (encoder) encodeWith(index, encoder);
}

/** Lets an index make queries of sequences by an encoder. */
export const encodeWith = (index: ServedIndex, encoder: ItemEncoder): void => void encoders.set(index, encoder);

/** Loads indexes with their encoders, so that a version that is swapped in has its own. */
export const withEncoders =
  (load: Load, openEncoder: OpenEncoder): Load =>
  async (source: IndexSource, options, publication) => {
    const index = await load(source, options, publication);
    try {
      await openFor(index, openEncoder);
      return index;
    } catch (error) {
      index.dispose();
      throw error;
    }
  };

/** Returns the encoder of an index that was loaded with it. A 400 if the index has none. */
export function encoderOf(index: ServedIndex): ItemEncoder {
  const encoder = encoders.get(index);
  if (encoder) return encoder;
  throw new Problem(
    "invalid_field",
    'body expected no sequence, since the index has no encoder: "midx build --encoder" makes one with it',
  );
}

import { storedRows } from "../answers/stored-rows.ts";
import { FormatError } from "../bytes/format-error.ts";
import { ENCODER, itemVectors } from "../format/encoder.ts";
import type { EncoderFacts } from "../format/encoder-facts.ts";
import { faultyPadding, padded, type WeightTable, weightTables } from "../format/encoder-weights.ts";
import type { TensorPlace } from "../format/header.ts";
import type { TensorName } from "../format/tensor-spec.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/**
 * Returns a tensor of the section, by its name without the section's: a view of the memory of the index, whose checksums have
 * been checked.
 */
export type WeightOf = (tensor: string) => Float32Array;

/** The weights of an encoder. */
export interface EncoderWeights {
  readonly weightOf: WeightOf;
  /**
   * Tells whether a class has a vector. Classes that changes removed have none, and classes that they added have none of their
   * own.
   */
  hasVector(id: number): boolean;
  /** Returns the vector of an item that has one. */
  vectorOf(id: number): Float32Array;
}

/** Finds the weights of the section. FormatError tensor-value for a value that is not finite. */
export function weightsOf(opened: OpenedIndex, facts: EncoderFacts): EncoderWeights {
  const { kernels, header, plan } = opened;
  const { dim } = header.facts;
  const placeOf = (tensor: string): TensorPlace => header.tensors[`${ENCODER}.${tensor}` as TensorName] as TensorPlace;
  const valuesAt = ({ begin, end }: TensorPlace): Float32Array =>
    new Float32Array(kernels.memory.buffer, plan.file + begin, (end - begin) / 4);
  const tables = [...weightTables(facts, dim), itemVectors(plan.itemCount, dim)];
  const checked = (tensor: string): Float32Array => {
    const place = placeOf(tensor);
    const values = valuesAt(place);
    const refuse = (at: number, expected: string): void => {
      if (at < 0) return;
      const message = `value ${at} of "${ENCODER}.${tensor}" expected ${expected}, got ${values[at]}`;
      throw new FormatError("tensor-value", place.begin + 4 * at, message);
    };
    refuse(
      values.findIndex((value) => !Number.isFinite(value)),
      "a finite number",
    );
    refuse(faultyPadding(tables.find(({ name }) => name === tensor) as WeightTable, values), "0, as padding");
    return values;
  };
  const hasOwn = facts.items === "own";
  if (hasOwn) checked("itemVectors");
  return {
    weightOf: checked,
    // The first changes of an index move its tensors.
    vectorOf: hasOwn
      ? (id) => valuesAt(placeOf("itemVectors")).subarray(id * padded(dim), id * padded(dim) + dim)
      : (id) => storedRows(opened, Int32Array.of(id)),
    hasVector: (id) => !opened.delta?.removedIds.has(id) && !(hasOwn && id >= plan.itemCount),
  };
}

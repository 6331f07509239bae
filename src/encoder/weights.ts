import { storedRows } from "../answers/stored-rows.ts";
import { FormatError } from "../bytes/format-error.ts";
import { ENCODER, type EncoderFacts } from "../format/encoder.ts";
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
  const checked = (tensor: string): Float32Array => {
    const place = placeOf(tensor);
    const values = valuesAt(place);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong < 0) return values;
    const expected = `value ${wrong} of "${ENCODER}.${tensor}" expected a finite number, got ${values[wrong]}`;
    throw new FormatError("tensor-value", place.begin + 4 * wrong, expected);
  };
  const hasOwn = facts.items === "own";
  if (hasOwn) checked("itemVectors");
  return {
    weightOf: checked,
    // The first changes of an index move its tensors.
    vectorOf: hasOwn
      ? (id) => valuesAt(placeOf("itemVectors")).subarray(id * dim, (id + 1) * dim)
      : (id) => storedRows(opened, Int32Array.of(id)),
    hasVector: (id) => !opened.delta?.removedIds.has(id) && !(hasOwn && id >= plan.itemCount),
  };
}

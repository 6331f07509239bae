import { storedRows } from "../answers/stored-rows.ts";
import { FormatError } from "../bytes/format-error.ts";
import { ENCODER, type EncoderFacts } from "../format/encoder.ts";
import type { TensorPlace } from "../format/header.ts";
import type { TensorName } from "../format/tensor-spec.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** The weights of an encoder: views of the memory of the index, whose checksums have been checked. */
export interface EncoderWeights {
  readonly inputWeight: Float32Array;
  readonly inputBias: Float32Array;
  readonly stateWeight: Float32Array;
  readonly stateBias: Float32Array;
  readonly projection: { readonly weight: Float32Array; readonly bias: Float32Array } | undefined;
  /** Returns the vector of an item. */
  vectorOf(id: number): Float32Array;
}

/** Finds the weights of the section. FormatError tensor-value for a value that is not finite. */
export function weightsOf(opened: OpenedIndex, { units, items }: EncoderFacts): EncoderWeights {
  const { kernels, header, plan } = opened;
  const { dim } = header.facts;
  const view = (tensor: string): Float32Array => {
    const name: TensorName = `${ENCODER}.${tensor}`;
    const { begin, end } = header.tensors[name] as TensorPlace;
    const values = new Float32Array(kernels.memory.buffer, plan.file + begin, (end - begin) / 4);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong < 0) return values;
    const expected = `value ${wrong} of "${name}" expected a finite number, got ${values[wrong]}`;
    throw new FormatError("tensor-value", begin + 4 * wrong, expected);
  };
  const own = items === "own" ? view("itemVectors") : undefined;
  return {
    inputWeight: view("inputWeight"),
    inputBias: view("inputBias"),
    stateWeight: view("stateWeight"),
    stateBias: view("stateBias"),
    projection: units === dim ? undefined : { weight: view("projectionWeight"), bias: view("projectionBias") },
    vectorOf: own ? (id) => own.subarray(id * dim, (id + 1) * dim) : (id) => storedRows(opened, [id]),
  };
}

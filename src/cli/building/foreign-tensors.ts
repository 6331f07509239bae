import { parseHeader, type TensorInfo } from "../../bytes/safetensors.ts";
import { quoteName } from "../../bytes/strict-json.ts";
import { decodeElements, isFloatDtype } from "../inputs/elements.ts";
import { listNames } from "../inputs/named-tensors.ts";

/** The tensors of a safetensors file of another program. */
export class ForeignTensors {
  readonly names: readonly string[];
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #begin: number;
  readonly #tensors: readonly TensorInfo[];

  /** FormatError of parseHeader. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
    this.names = tensors.map(({ name }) => name);
    this.#bytes = bytes;
    this.#begin = byteLength;
    this.#tensors = tensors;
  }

  /** The names for a message. */
  get listed(): string {
    return listNames(this.names);
  }

  shapeOf(name: string): readonly number[] | undefined {
    return this.#tensors.find((tensor) => tensor.name === name)?.shape;
  }

  /**
   * Returns the values of a tensor as f32. Sizes of 1 at the end of its shape are those of a convolution, and do not count.
   * `use` states the purpose of the tensor in messages.
   *
   * @throws RangeError for a name that the file does not have, for another shape or type or a value that is not finite
   */
  values(name: string, use: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
    const tensor = this.#tensors.find((each) => each.name === name);
    if (tensor === undefined) {
      throw new RangeError(`there is no tensor ${quoteName(name)} for ${use}; the file has ${this.listed}`);
    }
    const given = [...tensor.shape];
    while (given.length > shape.length && given.at(-1) === 1) given.pop();
    if (given.join() !== shape.join() || !isFloatDtype(tensor.dtype)) {
      const got = `${tensor.dtype} [${tensor.shape.join(", ")}]`;
      throw new RangeError(`${quoteName(name)} expected floats [${shape.join(", ")}] for ${use}, got ${got}`);
    }
    const bytes = this.#bytes.slice(this.#begin + tensor.begin, this.#begin + tensor.end);
    const count = shape.reduce((product, size) => product * size, 1);
    const values = Float32Array.from(decodeElements(tensor.dtype, bytes, new Float32Array(count)));
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong < 0) return values;
    throw new RangeError(`${quoteName(name)}[${wrong}] expected a finite number in f32, got ${values[wrong]}`);
  }
}

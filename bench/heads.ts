// The softmax heads that benchmarks run on. Only the next words may be shipped. Benchmarks skip the others if they do
// not find them.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { halfToFloat, halvesToFloats } from "../src/bytes/float16.ts";
import { parseHeader } from "../src/bytes/safetensors.ts";
import { haveData, placeOf } from "./data.ts";

/** A softmax head. data: f32 (itemCount, dim). logit = query · row + bias. */
export interface Head {
  readonly name: string;
  readonly itemCount: number;
  readonly dim: number;
  readonly data: Float32Array;
  readonly bias: Float32Array;
  readonly counts: Uint32Array;
  /** f32 (n, dim): held-out queries. */
  readonly queries: Float32Array;
}

const place = placeOf("linux-tokens-1m");

/** Returns whether the data set exists, and prints a line if it does not. */
export const haveTokens = (): boolean => haveData("linux-tokens-1m");

/** Returns the `itemCount` most frequent classes of linux-tokens-1m, with 64 dimensions, bias and training counts. */
export function tokensHead(name: string, itemCount: number): Head {
  const dim = 64;
  const codes = new Int8Array(unpack("rows.i8").buffer);
  const scales = halves("scale.f16");
  const data = new Float32Array(itemCount * dim);
  for (let row = 0; row < itemCount; row++) {
    for (let d = 0; d < dim; d++) data[row * dim + d] = (codes[row * dim + d] as number) * (scales[row] as number);
  }
  const counts = new Uint32Array(unpack("counts.u32").buffer).subarray(0, itemCount);
  return {
    name,
    itemCount,
    dim,
    data,
    bias: halves("bias.f16").subarray(0, itemCount),
    counts,
    queries: halves("queries.f16"),
  };
}

function unpack(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gunzipSync(readFileSync(`${place}/${name}.gz`)));
}

const halves = (name: string): Float32Array => Float32Array.from(new Uint16Array(unpack(name).buffer), halfToFloat);

/** A head without counts. e^bias stands for them, as in `midx eval`. */
export interface BiasedHead extends Omit<Head, "counts"> {
  readonly counts: ArrayLike<number>;
}

/** Returns the output layer of examples/next-word: 10,000 words, 100 dimensions. */
export function nextWordHead(): BiasedHead {
  const data = shippedHalves("head", "weight");
  const bias = shippedHalves("head", "bias");
  return {
    name: "next words",
    itemCount: bias.length,
    dim: data.length / bias.length,
    data,
    bias,
    counts: bias.map(Math.exp),
    queries: shippedHalves("queries", "queries"),
  };
}

function shippedHalves(file: string, name: string): Float32Array {
  const bytes = readFileSync(new URL(`../examples/next-word/${file}.safetensors`, import.meta.url));
  const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
  const tensor = tensors.find((candidate) => candidate.name === name);
  if (tensor === undefined) throw new Error(`${file}.safetensors has no ${name}`);
  return halvesToFloats(
    new Uint16Array(Uint8Array.from(bytes.subarray(byteLength + tensor.begin, byteLength + tensor.end)).buffer),
  );
}

// onnxruntime-web beside the library: the product of a batch with all rows, by a model with one MatMul.
import * as ort from "onnxruntime-web";
import { message, string, varint } from "../../examples/hidden-states/protobuf.js";
import type { Head } from "../heads.ts";
import { transposed } from "./transposed.ts";

/** The type f32, as ONNX numbers it, and the fields of a graph. */
const FLOAT = 1;
const [NODE, INITIALIZER, INPUT, OUTPUT] = [1, 5, 11, 12];

/** Opens a session on one thread. Returns a function that resolves to the scores of the queries, (n, itemCount). */
export async function openProduct({
  data,
  itemCount,
  dim,
}: Head): Promise<(queries: Float32Array) => Promise<unknown>> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(modelOf(transposed(data, itemCount, dim), itemCount, dim));
  return (queries) => session.run({ queries: new ort.Tensor("float32", queries, [queries.length / dim, dim]) });
}

/** Encodes a ModelProto: scores = queries × rows, whose values are in the model. */
function modelOf(rows: Float32Array, itemCount: number, dim: number): Uint8Array {
  const node = message(NODE, [string(1, "queries"), string(1, "rows"), string(2, "scores"), string(4, "MatMul")]);
  const tensor = message(INITIALIZER, [
    ...[varint(1, dim), varint(1, itemCount), varint(2, FLOAT), string(8, "rows")],
    message(9, [new Uint8Array(rows.buffer)]),
  ]);
  const value = (field: number, name: string, size: number): Uint8Array => {
    const shape = [message(1, [string(2, "batch")]), message(1, [varint(1, size)])];
    return message(field, [string(1, name), message(2, [message(1, [varint(1, FLOAT), message(2, shape)])])]);
  };
  const graph = [node, string(2, "product"), tensor, value(INPUT, "queries", dim), value(OUTPUT, "scores", itemCount)];
  return message(undefined, [varint(1, 8), message(7, graph), message(8, [string(1, ""), varint(2, 17)])]);
}

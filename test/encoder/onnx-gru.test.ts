import * as ort from "onnxruntime-web";
import { expect, test } from "vitest";
import { message, string, varint } from "../../examples/hidden-states/protobuf.js";
import { at } from "../reference/at.ts";
import { randomRows } from "../train/rows.ts";
import { plainQueries } from "../train/sequences/plain-model.ts";
import { F32 } from "./plain-gru.ts";

// The GRU of onnxruntime, to which PyTorch exports its own: with linear_before_reset, and with the gates z, r and n.

const [DIM, UNITS, STEPS] = [8, 12, 6];
const FLOAT = 1;
const [NODE, INITIALIZER, INPUT, OUTPUT] = [1, 5, 11, 12];

/** Returns the blocks of the gates r, z and n in the order of ONNX. */
function onnxOrder(values: Float32Array): Float32Array {
  const size = values.length / 3;
  const [r, z, n] = [0, 1, 2].map((gate) => values.subarray(gate * size, (gate + 1) * size));
  return Float32Array.from([z, r, n].flatMap((block) => [...(block as Float32Array)]));
}

function modelOf(
  tensors: Readonly<Record<string, readonly [shape: readonly number[], values: Float32Array]>>,
): Uint8Array {
  const attribute = (name: string, value: number) => message(5, [string(1, name), varint(3, value), varint(20, 2)]);
  const node = message(NODE, [
    ...["inputs", "W", "R", "B"].map((name) => string(1, name)),
    ...[string(2, "states"), string(4, "GRU")],
    ...[attribute("hidden_size", UNITS), attribute("linear_before_reset", 1)],
  ]);
  const initializers = Object.entries(tensors).map(([name, [shape, values]]) => {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    return message(INITIALIZER, [
      ...shape.map((axis) => varint(1, axis)),
      varint(2, FLOAT),
      string(8, name),
      message(9, [bytes]),
    ]);
  });
  const value = (field: number, name: string, shape: readonly number[]) => {
    const axes = message(
      2,
      shape.map((axis) => message(1, [varint(1, axis)])),
    );
    return message(field, [string(1, name), message(2, [message(1, [varint(1, FLOAT), axes])])]);
  };
  const interfaces = [value(INPUT, "inputs", [STEPS, 1, DIM]), value(OUTPUT, "states", [STEPS, 1, 1, UNITS])];
  const graph = [node, string(2, "gru"), ...initializers, ...interfaces];
  return message(undefined, [varint(1, 8), message(7, graph), message(8, [string(1, ""), varint(2, 17)])]);
}

test("the plain encoder, whose bits all encoders have, computes what the GRU of onnxruntime does", async () => {
  const tables = {
    "gru.inputWeight": randomRows(3 * UNITS * DIM, 1),
    "gru.inputBias": randomRows(3 * UNITS, 2),
    "gru.stateWeight": randomRows(3 * UNITS * UNITS, 3),
    "gru.stateBias": randomRows(3 * UNITS, 4),
    classes: randomRows(STEPS * DIM, 5),
    // A projection that leaves the state as it is, so that the query shows it.
    "projection.weight": Float32Array.from({ length: UNITS * UNITS }, (_, i) => (i % (UNITS + 1) === 0 ? 1 : 0)),
    "projection.bias": new Float32Array(UNITS),
  };
  const biases = [tables["gru.inputBias"], tables["gru.stateBias"]].flatMap((bias) => [...onnxOrder(bias)]);
  const onnx = modelOf({
    W: [[1, 3 * UNITS, DIM], onnxOrder(tables["gru.inputWeight"])],
    R: [[1, 3 * UNITS, UNITS], onnxOrder(tables["gru.stateWeight"])],
    B: [[1, 6 * UNITS], Float32Array.from(biases)],
  });
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(onnx);
  const { states } = await session.run({ inputs: new ort.Tensor("float32", tables.classes, [STEPS, 1, DIM]) });
  const found = states?.data as Float32Array;
  const plain = Object.fromEntries(Object.entries(tables).map(([name, values]) => [name, [...values]]));
  const queries = plainQueries(F32, plain, DIM, [0, 1, 2, 3, 4, 5]).flat();
  expect(found.length).toBe(queries.length);
  // States are below 1, and both sides round sums of about twenty terms to f32.
  for (const [i, query] of queries.entries()) expect(Math.abs(at(found, i) - query)).toBeLessThan(1e-5);
});

import * as ort from "onnxruntime-web";
import { expect, test } from "vitest";
import { message, string, varint } from "../../examples/hidden-states/protobuf.js";
import { at } from "../reference/at.ts";
import { randomRows } from "../train/rows.ts";
import { plainQueries } from "../train/sequences/plain-model.ts";
import { F32 } from "./plain-gru.ts";

// One block of one head, written in the operators of ONNX, as PyTorch exports LayerNorm, MultiheadAttention and Linear.

const [DIM, COUNT] = [8, 6];
const FLOAT = 1;
const [NODE, INITIALIZER, INPUT, OUTPUT] = [1, 5, 11, 12];

type Tensor = readonly [shape: readonly number[], values: Float32Array];
type Node = readonly [operator: string, inputs: readonly string[], output: string];

function modelOf(nodes: readonly Node[], tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const written = nodes.map(([operator, inputs, output]) =>
    message(NODE, [...inputs.map((name) => string(1, name)), string(2, output), string(4, operator)]),
  );
  const initializers = Object.entries(tensors).map(([name, [shape, values]]) => {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    return message(INITIALIZER, [
      ...shape.map((axis) => varint(1, axis)),
      ...[varint(2, FLOAT), string(8, name), message(9, [bytes])],
    ]);
  });
  const value = (field: number, name: string) => {
    const axes = message(
      2,
      [COUNT, DIM].map((axis) => message(1, [varint(1, axis)])),
    );
    return message(field, [string(1, name), message(2, [message(1, [varint(1, FLOAT), axes])])]);
  };
  const interfaces = [value(INPUT, "x"), value(OUTPUT, "queries")];
  const graph = [...written, string(2, "block"), ...initializers, ...interfaces];
  return message(undefined, [varint(1, 8), message(7, graph), message(8, [string(1, ""), varint(2, 17)])]);
}

const table = (size: number, seed: number) => randomRows(size, seed);
const TABLES = {
  "attention.positions": table(COUNT * DIM, 1),
  "attention.normWeight": table(3 * DIM, 2),
  "attention.normBias": table(3 * DIM, 3),
  "attention.inputWeight": table(3 * DIM * DIM, 4),
  "attention.inputBias": table(3 * DIM, 5),
  "attention.outputWeight": table(DIM * DIM, 6),
  "attention.outputBias": table(DIM, 7),
  "attention.innerWeight": table(DIM * DIM, 8),
  "attention.innerBias": table(DIM, 9),
  "attention.outerWeight": table(DIM * DIM, 10),
  "attention.outerBias": table(DIM, 11),
  classes: table(COUNT * DIM, 12),
};

/** A matrix of weights, (outputs, inputs), as the right side of a product. */
const transposed = (weights: Float32Array): Tensor => [
  [DIM, DIM],
  weights.map((_, i) => at(weights, (i % DIM) * DIM + Math.floor(i / DIM))),
];

test("the plain encoder, whose bits all encoders have, computes what operators of onnxruntime do", async () => {
  const part = (name: keyof typeof TABLES, i: number, size: number) => TABLES[name].subarray(i * size, (i + 1) * size);
  const vector = (name: keyof typeof TABLES, i = 0): Tensor => [[DIM], part(name, i, DIM)];
  const input = (i: number) => transposed(part("attention.inputWeight", i, DIM * DIM));
  const mask = Float32Array.from({ length: COUNT * COUNT }, (_, i) => (i % COUNT > Math.floor(i / COUNT) ? -1e9 : 0));
  const affine = (x: string, name: string, out: string): Node[] => [
    ["MatMul", [x, `${name}.weight`], `${out}.product`],
    ["Add", [`${out}.product`, `${name}.bias`], out],
  ];
  const norm = (x: string, i: number, out: string): Node => [
    "LayerNormalization",
    [x, `norm${i}.weight`, `norm${i}.bias`],
    out,
  ];
  const nodes: Node[] = [
    norm("x", 0, "q"),
    ...[...affine("q", "query", "queryRows"), ...affine("x", "key", "keyRows"), ...affine("x", "value", "valueRows")],
    ["Transpose", ["keyRows"], "keyColumns"],
    ["MatMul", ["queryRows", "keyColumns"], "products"],
    ["Mul", ["products", "scale"], "scaled"],
    ["Add", ["scaled", "mask"], "scores"],
    ["Softmax", ["scores"], "weights"],
    ["MatMul", ["weights", "valueRows"], "attended"],
    ...affine("attended", "output", "mixed"),
    ["Add", ["q", "mixed"], "y"],
    norm("y", 1, "f"),
    ...affine("f", "inner", "inner"),
    ["Relu", ["inner"], "active"],
    ...affine("active", "outer", "outer"),
    ["Add", ["f", "outer"], "last"],
    norm("last", 2, "queries"),
  ];
  const layers = Object.fromEntries(
    (["output", "inner", "outer"] as const).flatMap((name) => [
      [`${name}.weight`, transposed(TABLES[`attention.${name}Weight`])],
      [`${name}.bias`, vector(`attention.${name}Bias`)],
    ]),
  );
  const inputs = ["query", "key", "value"].flatMap((name, i) => [
    [`${name}.weight`, input(i)],
    [`${name}.bias`, vector("attention.inputBias", i)],
  ]);
  const norms = [0, 1, 2].flatMap((i) => [
    [`norm${i}.weight`, vector("attention.normWeight", i)],
    [`norm${i}.bias`, vector("attention.normBias", i)],
  ]);
  const scale: Tensor = [[1], Float32Array.of(1 / Math.sqrt(DIM))];
  const constants = { ...layers, ...Object.fromEntries([...inputs, ...norms]), scale, mask: [[COUNT, COUNT], mask] };
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(modelOf(nodes, constants as Readonly<Record<string, Tensor>>));
  const x = TABLES.classes.map((value, i) => value + at(TABLES["attention.positions"], i));
  const { queries } = await session.run({ x: new ort.Tensor("float32", x, [COUNT, DIM]) });
  const found = queries?.data as Float32Array;
  const plain = Object.fromEntries(Object.entries(TABLES).map(([name, values]) => [name, [...values]]));
  const expected = plainQueries(F32, plain, DIM, [0, 1, 2, 3, 4, 5]).flat();
  expect(found.length).toBe(expected.length);
  // Queries are of order 1, and both sides round sums of a few dozen terms to f32 on the way through three norms.
  for (const [i, query] of expected.entries()) expect(Math.abs(at(found, i) - query)).toBeLessThan(2e-5);
});

// @ts-check
// A causal model small enough to make here: the state of a token is tanh(W Σ embeddings of the tokens up to it).
import { message, string, varint } from "./protobuf.js";

const VOCABULARY = 300;
const DIM = 16;

/** Types of the values of tensors, as ONNX numbers them. */
const [FLOAT, INT64] = [1, 7];

/** Fields of a graph. */
const [INPUT, OUTPUT] = [11, 12];

/** Makes the model with fixed numbers: its ONNX file, and its tensors as f32. */
export function tinyModel() {
  const random = numbersFrom(1);
  /**
   * @param {number} count
   * @param {number} scale
   */
  const numbers = (count, scale) => Float32Array.from({ length: count }, () => scale * random());
  const [embeddings, weight] = [numbers(VOCABULARY * DIM, 1), numbers(DIM * DIM, 0.7)];
  const head = numbers(VOCABULARY * DIM, 2);
  const nodes = [
    node("Gather", ["embeddings", "input_ids"], "embedded"),
    node("Cast", ["attention_mask"], "mask", ["to", FLOAT]),
    node("Unsqueeze", ["mask", "last"], "factors"),
    node("Mul", ["embedded", "factors"], "present"),
    node("CumSum", ["present", "second"], "sums"),
    node("MatMul", ["sums", "weight"], "mixed"),
    node("Tanh", ["mixed"], "last_hidden_state"),
  ];
  const tensors = [
    tensor("embeddings", [VOCABULARY, DIM], embeddings),
    tensor("weight", [DIM, DIM], weight),
    tensor("last", [1], BigInt64Array.of(2n)),
    tensor("second", [1], BigInt64Array.of(1n)),
  ];
  const interfaces = [
    value(INPUT, "input_ids", INT64, ["batch", "sequence"]),
    value(INPUT, "attention_mask", INT64, ["batch", "sequence"]),
    value(OUTPUT, "last_hidden_state", FLOAT, ["batch", "sequence", DIM]),
  ];
  const onnx = modelOf([...nodes, ...tensors, ...interfaces]);
  return { onnx, embeddings, weight, head, vocabulary: VOCABULARY, dim: DIM };
}

/**
 * Encodes a ModelProto with the fields of a graph.
 * @param {readonly Uint8Array[]} fields
 */
function modelOf(fields) {
  const opset = message(8, [string(1, ""), varint(2, 17)]);
  return message(undefined, [varint(1, 8), message(7, [...fields, string(2, "tiny")]), opset]);
}

/**
 * Encodes a NodeProto with one output, and an attribute with a number if it has one.
 * @param {string} op
 * @param {readonly string[]} inputs
 * @param {string} output
 * @param {readonly [string, number]} [attribute]
 */
const node = (op, inputs, output, attribute) =>
  message(1, [
    ...inputs.map((name) => string(1, name)),
    ...[string(2, output), string(4, op)],
    ...(attribute ? [message(5, [string(1, attribute[0]), varint(3, attribute[1]), varint(20, 2)])] : []),
  ]);

/**
 * Encodes a TensorProto.
 * @param {string} name
 * @param {readonly number[]} dims
 * @param {Float32Array | BigInt64Array} values
 */
const tensor = (name, dims, values) =>
  message(5, [
    ...dims.map((size) => varint(1, size)),
    ...[varint(2, values instanceof Float32Array ? FLOAT : INT64), string(8, name)],
    message(9, [new Uint8Array(values.buffer)]),
  ]);

/**
 * Encodes a ValueInfoProto: an input or an output of the graph.
 * @param {number} field
 * @param {string} name
 * @param {number} type
 * @param {readonly (string | number)[]} dims
 */
const value = (field, name, type, dims) => {
  const shape = dims.map((size) => message(1, [typeof size === "string" ? string(2, size) : varint(1, size)]));
  return message(field, [string(1, name), message(2, [message(1, [varint(1, type), message(2, shape)])])]);
};

/**
 * Returns a generator of numbers in [−1, 1), determined by the seed (Park & Miller).
 * @param {number} seed
 */
function numbersFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}

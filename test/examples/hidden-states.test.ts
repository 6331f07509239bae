import * as ort from "onnxruntime-web";
import { beforeAll, describe, expect, test } from "vitest";
import { generate, inputsOf, openTiny } from "../../examples/hidden-states/generate.js";
import { lastHiddenStates } from "../../examples/hidden-states/hidden-states.js";
import { tinyModel } from "../../examples/hidden-states/tiny-model.js";
import type { Decoded, MultiIndex } from "../../src/index.ts";
import { blocksOf } from "../docs/pages.ts";

const { embeddings, weight, head, vocabulary, dim, onnx } = tinyModel();

/** The state of the last of these tokens, in float64. */
function stateOf(ids: readonly number[]): Float64Array {
  const sum = Float64Array.from({ length: dim }, (_, d) =>
    ids.reduce((total, id) => total + (embeddings[id * dim + d] as number), 0),
  );
  return Float64Array.from({ length: dim }, (_, to) =>
    Math.tanh(sum.reduce((total, value, from) => total + value * (weight[from * dim + to] as number), 0)),
  );
}

const logitsOf = (state: ArrayLike<number>): number[] =>
  Array.from({ length: vocabulary }, (_, id) =>
    Array.from(state).reduce((total, value, d) => total + value * (head[id * dim + d] as number), 0),
  );

let session: ort.InferenceSession;
let index: MultiIndex;
beforeAll(async () => {
  ({ session, index } = await openTiny());
});

/** The first tokens after a prompt. */
async function tokens(count: number, prompt: readonly number[], options: Parameters<typeof generate>[3]) {
  const decoded: Decoded[] = [];
  for await (const next of generate(session, index, prompt, options)) if (decoded.push(next) === count) break;
  return decoded;
}

describe("the tiny model", () => {
  test("is a small ONNX file that onnxruntime-web runs as plain JavaScript does, padded or not", async () => {
    expect(onnx.length).toBeLessThan(25_000);
    const sequences = [[1, 2, 3], [7], [5, 5]];
    const inputs = inputsOf(sequences);
    const { last_hidden_state } = await session.run(inputs);
    const states = last_hidden_state as ort.Tensor;
    expect(states.dims).toEqual([3, 3, dim]);
    const queries = lastHiddenStates(states, inputs.attention_mask);
    for (const [row, ids] of sequences.entries()) {
      const expected = stateOf(ids);
      for (let d = 0; d < dim; d++) expect(queries[row * dim + d]).toBeCloseTo(expected[d] as number, 5);
    }
  });
});

describe("the last hidden states", () => {
  const data = Float32Array.from({ length: 12 }, (_, i) => i);
  const states = new ort.Tensor("float32", data, [2, 3, 2]);
  const mask = (...values: bigint[]) => new ort.Tensor("int64", BigInt64Array.from(values), [2, 3]);

  test("are those of the last tokens that are not padding, on either side", () => {
    expect(lastHiddenStates(states)).toEqual(Float32Array.of(4, 5, 10, 11));
    expect(lastHiddenStates(states, mask(1n, 1n, 0n, 1n, 0n, 0n))).toEqual(Float32Array.of(2, 3, 6, 7));
    expect(lastHiddenStates(states, mask(0n, 1n, 1n, 0n, 0n, 1n))).toEqual(Float32Array.of(4, 5, 10, 11));
  });

  test("are read of float16, in a Float16Array or as bits", () => {
    const numbers = [0, -0, 1, -2.5, 2 ** -24, 65_504, 3 * 2 ** -17, Number.NEGATIVE_INFINITY];
    const bits = Uint16Array.of(0, 0x8000, 0x3c00, 0xc100, 1, 0x7bff, 0x0180, 0xfc00);
    for (const data of [bits, Float32Array.from(numbers)]) {
      expect(lastHiddenStates({ type: "float16", dims: [8, 1, 1], data })).toEqual(Float32Array.from(numbers));
      expect(lastHiddenStates({ type: "float16", dims: [2, 2, 2], data })).toEqual(
        Float32Array.from([2, 3, 6, 7], (i) => numbers[i] as number),
      );
    }
  });

  test("are refused where they have another shape or type", () => {
    const flat = new ort.Tensor("float32", data, [6, 2]);
    const wide = new ort.Tensor("float64", Float64Array.from(data), [2, 3, 2]);
    const short = new ort.Tensor("int64", new BigInt64Array(4), [2, 2]);
    expect(() => lastHiddenStates(flat)).toThrow('"last_hidden_state" expected [batch, sequence, dim], got [6, 2]');
    expect(() => lastHiddenStates(wide)).toThrow('"last_hidden_state" expected float32 or float16, got float64');
    expect(() => lastHiddenStates(states, short)).toThrow('"attention_mask" expected [2, 3], got [2, 2]');
    expect(() => lastHiddenStates(states, mask(1n, 1n, 1n, 0n, 0n, 0n))).toThrow(
      '"attention_mask"[1] expected a token',
    );
  });
});

describe("decoding hidden states", () => {
  test("greedily takes the tokens of a full softmax in float64", async () => {
    const greedy = await tokens(12, [1, 2, 3], { temperature: 0, seed: 1 });
    const ids = [1, 2, 3];
    for (const { id } of greedy) {
      const logits = logitsOf(stateOf(ids));
      const best = Math.max(...logits);
      // Rows are stored in 8 bits, so the best of two near ones may be the other.
      expect(logits[id]).toBeGreaterThan(best - 0.2);
      ids.push(id);
    }
    expect(new Set(greedy.map(({ id }) => id)).size).toBeGreaterThan(3);
  });

  test("gives the same tokens for the same seed, and others for another", async () => {
    const options = { temperature: 0.8, minP: 0.05, repetitionPenalty: 1.1 };
    const first = await tokens(15, [4, 5], { ...options, seed: 1 });
    expect(await tokens(15, [4, 5], { ...options, seed: 1 })).toEqual(first);
    expect(await tokens(15, [4, 5], { ...options, seed: 2 })).not.toEqual(first);
    for (const { kept, certain } of first) {
      expect(kept).toBeLessThan(vocabulary);
      expect(certain).toBe(true);
    }
  });

  test("takes a batch of sequences in one call, each with its own history", async () => {
    const sequences = [[1, 2, 3], [7], [5, 5]];
    const inputs = inputsOf(sequences);
    const { last_hidden_state } = await session.run(inputs);
    const queries = lastHiddenStates(last_hidden_state as ort.Tensor, inputs.attention_mask);
    const conditions = sequences.map((history) => ({ temperature: 0.8, history, presencePenalty: 1 }));
    const batch = index.decode(queries, { batch: 3, conditions, topK: 20, seed: 1 });
    for (const [row, decoded] of batch.entries()) {
      const query = queries.slice(row * dim, (row + 1) * dim);
      expect(index.decode(query, { ...conditions[row], topK: 20, seed: decoded.seed })).toEqual(decoded);
    }
  });

  test("is as docs/decode.md shows it for transformers.js", async () => {
    const inputs = inputsOf([[1, 2, 3], [7]]);
    const model = (given: typeof inputs) => session.run(given);
    const [block = ""] = blocksOf("docs/decode.md", "ts");
    const program = new Function(
      ...["model", "inputs", "lastHiddenStates", "index"],
      `return (async () => { ${block}; return tokens; })();`,
    );
    const tokens = (await program(model, inputs, lastHiddenStates, index)) as Decoded[];
    expect(tokens).toHaveLength(2);
    for (const { certain } of tokens) expect(certain).toBe(true);
  });
});

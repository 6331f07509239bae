// @ts-check
// Generates tokens from the hidden states of a model that onnxruntime-web runs:  node examples/hidden-states/generate.js
//
// The model is a tiny one, made here. Of a real one, take the ONNX file of the model without its head, whose output is
// last_hidden_state, and build the index from its output embedding (docs/decode.md).
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "midx";
import { build } from "midx/train";
import * as ort from "onnxruntime-web";
import { lastHiddenStates } from "./hidden-states.js";
import { tinyModel } from "./tiny-model.js";

/** Tokens are drawn by seeds that are further apart than texts are long. */
const STEPS = 2n ** 20n;

/**
 * Generates tokens after those of a prompt. The prompt is part of the history that penalties are about.
 * @param {ort.InferenceSession} session a model with inputs input_ids and attention_mask, and output last_hidden_state
 * @param {import("midx").MultiIndex} index of the rows of its output embedding
 * @param {readonly number[]} prompt
 * @param {Omit<import("midx").DecodeOptions, "history" | "seed"> & { readonly seed: number }} options
 * @returns {AsyncGenerator<import("midx").Decoded, never>}
 */
export async function* generate(session, index, prompt, { seed, ...options }) {
  const ids = [...prompt];
  for (let step = 0n; ; step++) {
    const inputs = inputsOf([ids]);
    const { last_hidden_state } = await session.run(inputs);
    if (last_hidden_state === undefined) throw new RangeError('"session" expected an output last_hidden_state');
    const query = lastHiddenStates(last_hidden_state, inputs.attention_mask);
    const decoded = index.decode(query, { ...options, history: ids, seed: BigInt(seed) * STEPS + step });
    ids.push(decoded.id);
    yield decoded;
  }
}

/**
 * Returns the inputs of a model for token ids, int64 [batch, sequence], padded on the left.
 * @param {readonly (readonly number[])[]} sequences
 */
export function inputsOf(sequences) {
  const longest = Math.max(...sequences.map(({ length }) => length));
  const dims = [sequences.length, longest];
  const padded = sequences.flatMap((ids) => [...new Array(longest - ids.length).fill(0), ...ids]);
  const present = sequences.flatMap((ids) =>
    Array.from({ length: longest }, (_, i) => (i < longest - ids.length ? 0 : 1)),
  );
  return {
    input_ids: new ort.Tensor("int64", BigInt64Array.from(padded, BigInt), dims),
    attention_mask: new ort.Tensor("int64", BigInt64Array.from(present, BigInt), dims),
  };
}

/** Returns a session of the tiny model, and an index of its output embedding. */
export async function openTiny() {
  const { onnx, head, vocabulary, dim } = tinyModel();
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(onnx);
  const index = await load(await build({ data: head, shape: [vocabulary, dim] }, { seed: 1, calibrate: "off" }));
  return { session, index };
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { session, index } = await openTiny();
  const tokens = [];
  for await (const { id } of generate(session, index, [1, 2, 3], { temperature: 0.8, minP: 0.05, seed: 1 })) {
    if (tokens.push(id) === 20) break;
  }
  console.log(`1 2 3 → ${tokens.join(" ")}`);
}

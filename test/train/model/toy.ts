import type { Examples } from "../../../src/train/model/examples.ts";
import { labelExamples, nextWordExamples, raggedOf } from "../../../src/train/model/tasks.ts";
import { PURPOSE, uniforms } from "../../../src/train/random/uniforms.ts";

/** Transition probabilities of a Markov chain of five words. */
export const CHAIN: readonly (readonly number[])[] = [
  [0.7, 0.1, 0.1, 0.05, 0.05],
  [0.1, 0.1, 0.6, 0.1, 0.1],
  [0.2, 0.2, 0.2, 0.2, 0.2],
  [0.05, 0.05, 0.1, 0.1, 0.7],
  [0.9, 0.025, 0.025, 0.025, 0.025],
];

/** Makes examples from a random walk on the chain. */
export function walk(length: number, seed: number): Int32Array {
  const uniform = uniforms({ seed: BigInt(seed), purpose: PURPOSE.sample, codebook: 0, restart: 0 });
  const words = new Int32Array(length);
  for (let t = 1; t < length; t++) {
    const row = CHAIN[words[t - 1] as number] as readonly number[];
    let rest = uniform(t);
    words[t] = row.length - 1;
    for (const [word, p] of row.entries()) {
      rest -= p;
      if (rest >= 0) continue;
      words[t] = word;
      break;
    }
  }
  return words;
}

/** The entropy rate in nats per word. */
export function chainEntropy(): number {
  let share = new Array<number>(CHAIN.length).fill(1 / CHAIN.length);
  for (let step = 0; step < 1000; step++) {
    share = share.map((_, to) => share.reduce((sum, p, from) => sum + p * (CHAIN[from]?.[to] as number), 0));
  }
  return share.reduce((sum, p, from) => {
    const row = CHAIN[from] as readonly number[];
    return sum - p * row.reduce((inner, q) => inner + q * Math.log(q), 0);
  }, 0);
}

export const chainExamples = (length: number, seed: number, history = 1): Examples =>
  nextWordExamples(walk(length, seed), CHAIN.length, history);

/** Makes documents of a topic's words, labelled with the topic and its pair. */
export function topicExamples(rows: number, seed: number): Examples {
  const uniform = uniforms({ seed: BigInt(seed), purpose: PURPOSE.sample, codebook: 0, restart: 0 });
  const topics = Array.from({ length: rows }, (_, row) => Math.floor(6 * uniform(4 * row)));
  const features = topics.map((topic, row) => [1, 2, 3].map((k) => 5 * topic + Math.floor(5 * uniform(4 * row + k))));
  const labels = topics.map((topic) => [topic, 6 + (topic >> 1)]);
  return labelExamples(raggedOf(features), raggedOf(labels), 30, 9);
}

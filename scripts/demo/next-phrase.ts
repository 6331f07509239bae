import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { quantile } from "../../src/train/arithmetic/averages.ts";
import { featuresOf } from "./context.ts";
import { count, percent, time, timed } from "./figures.ts";
import { tokensOf } from "./phrases/wikitext.ts";

/** The folder of the example: a model that predicts the next phrase from the last four words. */
export const EXAMPLE = "examples/next-phrase";
const HELD_OUT_TEXT = "examples/wikitext-2/valid.txt.gz";

/** Phrases of an answer that the demo shows. */
export const SHOWN_PHRASES = 5;
const HELD_OUT_CONTEXTS = 500;
/** Words of a held-out context that the page shows. The model looks at fewer. */
const SHOWN_WORDS = 8;
/** The number of calls whose median is the time of one context. */
const CALLS = 15;

/** Standard errors to each side of a 95 % error bar. */
export const Z95 = 1.96;

/** Options of the two calls that the demo compares. */
export const SAMPLED = { seed: 1 };
export const EXACT = { exact: true } as const;

/** Unpacks the compressed files of the example into `folder`, for `midx build` to read. */
export function unpackExample(root: string, folder: string): void {
  mkdirSync(root + folder, { recursive: true });
  for (const name of ["model.safetensors", "phrases.txt", "words.txt"]) {
    writeFileSync(`${root}${folder}/${name}`, gunzipSync(readFileSync(`${root}${EXAMPLE}/${name}.gz`)));
  }
}

/** Returns contexts at even distances in a text that the model has not learned from. Nothing else chooses them. */
export function heldOutContexts(root: string, count = HELD_OUT_CONTEXTS): string[] {
  const tokens = tokensOf(gunzipSync(readFileSync(root + HELD_OUT_TEXT)).toString());
  return Array.from({ length: count }, (_, i) => {
    const end = SHOWN_WORDS + Math.floor((i * (tokens.length - SHOWN_WORDS)) / count);
    return tokens.slice(end - SHOWN_WORDS, end).join(" ");
  });
}

/** Returns the query of a context. The words of the model are in lower case. */
export const queryOf = (index: MultiIndex, words: ReadonlySet<string>, context: string): Float32Array =>
  index.encode(featuresOf(words, context.toLowerCase()).features);

/** An answer of the service to `predict`. */
export interface Answer {
  readonly labels: readonly string[];
  readonly scores: readonly number[];
  readonly probabilities: readonly number[];
  readonly logPartition: number;
  readonly standardError: number;
  readonly lowEss: boolean;
  readonly scored: number;
}

/** Microseconds of the two calls. */
export interface Times {
  readonly sampled: number;
  readonly exact: number;
}

/** Returns the phrases of an answer beside those of the exact softmax, and the cost of both. */
export function linesOf(context: string, answer: Answer, full: Answer, times: Times): string[] {
  const width = Math.max(...answer.labels.map((label) => label.length), 24);
  const band = Z95 * answer.standardError;
  const isSame = answer.labels.every((label, i) => label === full.labels[i]);
  return [
    `\n… ${context} …`,
    ...answer.labels.map((label, i) => {
      const probability = answer.probabilities[i] ?? 0;
      const exact = Math.exp((answer.scores[i] ?? 0) - full.logPartition);
      const error = (100 * probability * band).toFixed(2).padStart(5);
      return `  ${label.padEnd(width)} ${percent(probability)} ± ${error}   exact ${percent(exact)}`;
    }),
    ...(isSame ? [] : [`  The exact softmax has these first: ${full.labels.join(", ")}.`]),
    `  ${count(answer.scored)} of ${count(full.scored)} phrases scored in ${time(times.sampled)}; ` +
      `exact: all of them in ${time(times.exact)}`,
    ...(answer.lowEss
      ? ["  The standard error is above 10 % (lowEss): do not trust the error bars; more draws narrow them."]
      : []),
  ];
}

/** Times one query, in this process: a Worker's clock stands still while it computes. */
export function timesOf(index: MultiIndex, query: Float32Array): Times {
  const median = (options: typeof SAMPLED | typeof EXACT): number =>
    quantile(
      Float64Array.from({ length: CALLS }, () => timed(() => index.predict(query, SHOWN_PHRASES, options)).time),
      0.5,
    );
  return { sampled: median(SAMPLED), exact: median(EXACT) };
}

import type { MultiIndex } from "../../src/index/multi-index.ts";

/** A context of examples/next-word, and what the model makes of it. */
export interface Example {
  readonly context: string;
  readonly query: Float32Array;
}

/** Words of an answer that the demo shows. */
export const SHOWN_WORDS = 5;
const SHOWN_CONTEXTS = 4;
const TIMED_CALLS = 500;

/** The two questions of the demo, which the service takes as they are. */
export const SAMPLE = { seed: 1 };
export const EXACT = { exact: true } as const;

/** The model also predicts "<unk>" (any other word), "N" (a number), "<eos>" and punctuation, which nobody can read. */
const isOrdinary = (word: string): boolean => /^[a-z]+$/i.test(word) && word !== "N";

/** The first contexts of ordinary words whose most probable next words, exact and sampled, are ordinary words, too. */
export function chooseExamples(index: MultiIndex, examples: readonly Example[]): Example[] {
  const chosen: Example[] = [];
  for (const example of examples) {
    if (chosen.length === SHOWN_CONTEXTS) break;
    if (!example.context.split(" ").every(isOrdinary)) continue;
    const answers = [
      index.predict(example.query, SHOWN_WORDS, SAMPLE),
      index.predict(example.query, SHOWN_WORDS, EXACT),
    ];
    if (answers.every(({ ids }) => index.labels(ids).every(isOrdinary))) chosen.push(example);
  }
  return chosen;
}

/** An answer of the service to `predict`. */
export interface Answer {
  readonly labels: readonly string[];
  readonly scores: readonly number[];
  readonly probabilities: readonly number[];
  readonly logPartition: number;
  readonly standardError: number;
  readonly scored: number;
}

/** The words of an answer beside what the full softmax says of the same words. */
export function linesOf(context: string, answer: Answer, full: Answer): string[] {
  const error = answer.logPartition - full.logPartition;
  return [
    `\n… ${context} …`,
    ...answer.labels.map((word, i) => {
      const exact = Math.exp((answer.scores[i] ?? 0) - full.logPartition);
      return `  ${word.padEnd(14)} ${percent(answer.probabilities[i] ?? 0)}   exact ${percent(exact)}`;
    }),
    `  log-partition ${answer.logPartition.toFixed(4)} ± ${answer.standardError.toFixed(4)}, ` +
      `exact ${full.logPartition.toFixed(4)} (off by ${error.toFixed(4)}); ` +
      `${answer.scored} of ${full.scored} classes scored`,
  ];
}

export interface Measured {
  /** Queries asked, and classes of the index. */
  readonly calls: number;
  readonly classes: number;
  /** Medians: microseconds of a call, and classes that it scores. */
  readonly sampled: { readonly time: number; readonly scored: number };
  readonly exact: { readonly time: number; readonly scored: number };
  /** How far the sampled probabilities are from exact ones, as a share of these: the median and the 90th percentile. */
  readonly error: { readonly median: number; readonly p90: number };
}

/** Both ways to predict, in this process: a Worker's clock stands still while it computes. */
export function measure(index: MultiIndex, examples: readonly Example[]): Measured {
  const queries = examples.slice(0, TIMED_CALLS).map(({ query }) => query);
  const ask = (options: typeof SAMPLE | typeof EXACT) =>
    queries.map((query) => {
      const start = performance.now();
      const { logPartition, scored } = index.predict(query, SHOWN_WORDS, options);
      return { time: 1000 * (performance.now() - start), logPartition, scored };
    });
  for (const options of [SAMPLE, EXACT]) ask(options); // the runtime compiles the code meanwhile
  const [sampled, exact] = [ask(SAMPLE), ask(EXACT)];
  // Scores are exact, so all probabilities of an answer are off by the same factor.
  const errors = sampled.map(({ logPartition }, i) =>
    Math.abs(Math.expm1((exact[i]?.logPartition ?? 0) - logPartition)),
  );
  const medians = (answers: typeof sampled): { time: number; scored: number } => ({
    time: quantile(
      answers.map(({ time }) => time),
      0.5,
    ),
    scored: quantile(
      answers.map(({ scored }) => scored),
      0.5,
    ),
  });
  return {
    calls: queries.length,
    classes: index.info.itemCount,
    sampled: medians(sampled),
    exact: medians(exact),
    error: { median: quantile(errors, 0.5), p90: quantile(errors, 0.9) },
  };
}

export function measuredLines({ calls, classes, sampled, exact, error }: Measured): string[] {
  const line = (call: string, { time, scored }: Measured["exact"]): string =>
    `  ${call.padEnd(25)} ${time.toFixed(0).padStart(5)} µs   ${String(scored).padStart(6)} of ${classes} classes scored`;
  return [
    `\nmeasured just now, on ${calls} queries (medians; Node ${process.version}, one core):`,
    line("predict", sampled),
    line("predict with exact: true", exact),
    `  sampled probabilities are off by ${percent(error.median).trim()} of their value (90th percentile: ${percent(error.p90).trim()})`,
    `\nA full softmax over ${classes} classes is affordable: with so few, exact: true is the better choice. README.md, under`,
    '"How good, how fast", has what was measured with 100,000 and 1,000,000 classes, where it is not.',
  ];
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? Number.NaN;

const percent = (share: number): string => `${(100 * share).toFixed(2).padStart(6)} %`;

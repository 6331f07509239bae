import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { createClient } from "../../worker/client.ts";
import { featuresOf, HISTORY, UNKNOWN } from "./context.ts";
import { percent } from "./figures.ts";
import { linesIn, modelBuild } from "./model-files.ts";

const SHOWN = 8;

/** Contexts from the held-out articles, each with the word that follows. */
const CONTEXTS = [
  ["Britain at the end of", "the"],
  ["In 1939 he was posted", "to"],
  ['calling him " one of the most', "fascinating"],
] as const;

export interface TrainingDemo {
  /** A folder with train.txt.gz and valid.txt.gz. */
  readonly corpus: string;
  /** The folder for the model, the names of its words and the index. */
  readonly folder: string;
  /** Options of `midx train`, beyond the task and the history. */
  readonly training: readonly string[];
  /** Runs the command line to its end. */
  readonly midx: (args: readonly string[]) => Promise<void>;
  /** Serves an index file; resolves to a URL. */
  readonly serve: (indexFile: string) => Promise<string>;
  readonly print: (line: string) => void;
}

/** Trains a next-word model from a text, builds an index of it with its features, and serves that. */
export async function trainAndServe(demo: TrainingDemo): Promise<NextWords> {
  const { corpus, folder, training, midx, serve, print } = demo;
  const [model, words, index] = ["model.safetensors", "words.txt", "words.midx"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const [text, valid] = ["train.txt", "valid.txt"].map((name) => {
    const path = join(folder, name);
    writeFileSync(path, gunzipSync(readFileSync(join(corpus, `${name}.gz`))));
    return path;
  }) as [string, string];
  const run = (args: readonly string[]): Promise<void> => {
    print(`\n── midx ${args.join(" ")}\n`);
    return midx(args);
  };
  const task = ["--task", "lm", "--sampler", "midx", "--history", String(HISTORY)];
  await run(["train", text, ...task, "--valid", valid, ...training, "-o", model, "--labels-out", words]);
  await run(modelBuild({ model, labels: words, featureLabels: words }, index));
  const url = await serve(index);
  return { url, words: new Set(linesIn(words)) };
}

/** A service that predicts the next word, and the words that it knows. */
export interface NextWords {
  readonly url: string;
  readonly words: ReadonlySet<string>;
}

export async function showExamples(served: NextWords, print: (line: string) => void): Promise<void> {
  const body = JSON.stringify({ features: featuresOf(served.words, CONTEXTS[0][0]).features, k: 5 });
  print("\nThe features of a context are its words, the nearest first. The Worker makes the query from them:");
  print(`  curl ${served.url}/v1/predict -H 'content-type: application/json' -d '${body}'`);
  for (const [context, next] of CONTEXTS) {
    for (const line of await answer(served, context)) print(line);
    print(`  The article goes on with "${next}".`);
  }
}

/** Answers each line of `contexts`, to the end. */
export async function answerEach(
  served: NextWords,
  contexts: AsyncIterable<string>,
  print: (line: string) => void,
): Promise<void> {
  for await (const context of contexts) {
    if (context.trim() === "") continue;
    for (const line of await answer(served, context)) print(line);
  }
}

/** Asks the service for the most probable next words of a context. */
async function answer({ url, words }: NextWords, context: string): Promise<string[]> {
  const { features, unknown } = featuresOf(words, context);
  const { labels = [], ...answer } = await createClient(url).predict({ features }, { k: SHOWN, seed: 1 });
  const { probabilities, logPartition, standardError, scored } = answer;
  return [
    `\n… ${features.toReversed().join(" ")} …`,
    ...unknown.map((word) => `  "${word}" is not among the model's ${words.size} words and is read as ${UNKNOWN}`),
    ...labels.map((word, i) => `  ${word.padEnd(16)} ${percent(probabilities[i] ?? 0)}`),
    `  log-partition ${logPartition?.toFixed(3)} ± ${standardError?.toFixed(3)}; ${scored} of ${words.size} words scored`,
  ];
}

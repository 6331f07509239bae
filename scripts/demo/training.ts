import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { linesIn } from "./model-files.ts";
import { perplexityOfUnigrams } from "./unigrams.ts";

export interface TrainingDemo {
  /** A folder with train.txt.gz and valid.txt.gz. */
  readonly corpus: string;
  /** The folder for the model, the names of its words and the index. */
  readonly folder: string;
  /** Options of `midx train`, beyond the task and the encoder. */
  readonly training: readonly string[];
  /** Runs the command line to its end. */
  readonly midx: (args: readonly string[]) => Promise<void>;
  readonly print: (line: string) => void;
}

/** Trains a language model with gated recurrent units from a text, and builds an index of it. Returns the file's path. */
export async function trainLanguageModel({ corpus, folder, training, midx, print }: TrainingDemo): Promise<string> {
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
  const task = ["--task", "lm", "--encoder", "gru", "--sampler", "midx"];
  await run(["train", text, ...task, "--valid", valid, ...training, "-o", model, "--labels-out", words]);
  const unigrams = perplexityOfUnigrams(linesIn(words), linesIn(text), linesIn(valid));
  print(`\nThe frequencies of the words alone have a perplexity of ${unigrams.toFixed(2)} on the same text.`);
  await run(["build", model, "-o", index]);
  return index;
}

// @ts-check
// Continues a text with an index whose features are words, such as that of examples/next-phrase:
//   node examples/text/write.js phrases.midx "the album received" --grammar --seed 2
import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { load } from "midx";
import { factsOf, grammarOf, write } from "./text.js";

const USAGE =
  "usage: write.js <index.midx> [text] [--grammar] [--phrases n] [--seed n] [--temperature t] [--min-p p] …";

/** Options with numbers, and their defaults. */
const NUMBERS = {
  phrases: 40,
  seed: 1,
  temperature: 0.8,
  "min-p": 0.05,
  "top-p": 1,
  "top-k": 0,
  "repetition-penalty": 1.2,
  "presence-penalty": 0,
  "frequency-penalty": 0.3,
};

/**
 * Reads the arguments of the command.
 * @param {readonly string[]} args
 */
function argumentsOf(args) {
  const text = /** @type {const} */ ({ type: "string" });
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      grammar: { type: "boolean" },
      phrases: text,
      seed: text,
      temperature: text,
      "min-p": text,
      "top-p": text,
      "top-k": text,
      "repetition-penalty": text,
      "presence-penalty": text,
      "frequency-penalty": text,
    },
  });
  const [file, ...words] = positionals;
  if (file === undefined) throw new RangeError(USAGE);
  /** @param {keyof typeof NUMBERS} name */
  const number = (name) => Number(values[name] ?? NUMBERS[name]);
  const decode = {
    seed: number("seed"),
    temperature: number("temperature"),
    minP: number("min-p"),
    topP: number("top-p"),
    topK: number("top-k"),
    repetitionPenalty: number("repetition-penalty"),
    presencePenalty: number("presence-penalty"),
    frequencyPenalty: number("frequency-penalty"),
  };
  return { file, start: words.join(" "), phrases: number("phrases"), isRegular: values.grammar === true, decode };
}

/**
 * Returns the output of the command.
 * @param {readonly string[]} args
 */
export async function run(args) {
  const { file, start, phrases, isRegular, decode } = argumentsOf(args);
  const index = await load(await readFile(file));
  const options = isRegular ? { ...decode, grammar: grammarOf(index) } : decode;
  const before = performance.now();
  const written = write(index, start, phrases, options);
  return `${written.text}\n\n${factsOf(written, performance.now() - before)}\n`;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(await run(process.argv.slice(2)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

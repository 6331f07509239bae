import { parseArgs } from "node:util";
import { factsOf, grammarOf, write } from "../../examples/text/text.js";
import type { WriterOptions } from "../../examples/text/writer.js";
import { linesIn } from "./model-files.ts";
import { EXAMPLE } from "./next-phrase.ts";
import { buildPhrases, openPhrases } from "./phrase-index.ts";
import { heading, type RunningDemo, root } from "./running-demo.ts";

const PHRASES = 40;
const WIDTH = 100;
const SEED = 1;

const TRUNCATED = { temperature: 0.8, minP: 0.05, seed: SEED };
const PENALTIES = { repetitionPenalty: 1.2, frequencyPenalty: 0.3 };

/** Builds the index unless a file is given, and continues a text in three ways: the one given, or the first of the example. */
export async function writeTexts(demo: RunningDemo, args: readonly string[]): Promise<"ended"> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { index: { type: "string" } },
  });
  const file = values.index ?? (await buildOwn(demo));
  const index = await openPhrases(file);
  const start = positionals.join(" ") || (linesIn(`${root}${EXAMPLE}/contexts.txt`)[0] as string);
  const ways: Readonly<Record<string, WriterOptions>> = {
    "temperature 0.8, min_p 0.05": TRUNCATED,
    "… with repetition_penalty 1.2, frequency_penalty 0.3": { ...TRUNCATED, ...PENALTIES },
    "… and a grammar of short sentences": { ...TRUNCATED, ...PENALTIES, grammar: grammarOf(index) },
  };
  for (const [name, options] of Object.entries(ways)) {
    heading(`${name}, seed ${SEED}`);
    const before = performance.now();
    const written = write(index, start, PHRASES, options);
    const time = performance.now() - before;
    console.log(`${wrapped(written.text)}\n\n${factsOf(written, time)}`);
  }
  return "ended";
}

/** Builds the index of the model. Nothing here shows error bars, so they are not calibrated. */
async function buildOwn(demo: RunningDemo): Promise<string> {
  const file = "build/demo/phrases.midx";
  heading(`${EXAMPLE} → ${file}`);
  await buildPhrases(demo, file, ["--calibrate", "off"]);
  return root + file;
}

/** Breaks a text into lines. */
const wrapped = (text: string): string => text.replace(new RegExp(`(.{1,${WIDTH}})( |$)`, "g"), "$1\n").trimEnd();

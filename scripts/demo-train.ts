// npm run demo:train [-- --once --epochs N]: from text to a language model that writes, on this machine alone.
//
//   examples/wikitext-2/*.txt.gz → midx train --encoder gru → midx build --encoder → a text by decode, word by word
//
// It continues three beginnings, then each one that is typed, until the input ends. With --once it ends after the three. --epochs
// (default 3) is how often the model reads the text.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { CLI, heading, prepare, root, runDemo } from "./demo/running-demo.ts";
import { trainLanguageModel } from "./demo/training.ts";
import { type LanguageModel, writeOn } from "./demo/written-text.ts";

const { once, epochs } = parseArgs({
  options: { once: { type: "boolean", default: false }, epochs: { type: "string", default: "3" } },
}).values;
const TRAINING = ["--max-words", "10000", "--dim", "128", "--epochs", epochs, "--learning-rate", "0.004"];
/** Beginnings that the model has not read, from the held-out articles. */
const BEGINNINGS = ["In 1939 he was posted to", "Britain at the end of", "The game was"];
const WORDS = 50;
const SEED = 1n;

const begun = performance.now();

await runDemo(async (demo) => {
  await prepare(demo);
  const folder = mkdtempSync(join(tmpdir(), "midx-demo-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = await trainLanguageModel({
    corpus: join(root, "examples/wikitext-2"),
    folder,
    training: TRAINING,
    print: console.log,
    midx: (args) => demo.run("node", [CLI, ...args]),
  });
  const model = await open(file);
  console.log(`\nFrom text to a model that writes in ${Math.round((performance.now() - begun) / 1000)} s`);
  heading("temperature 0.8, min_p 0.05, frequency_penalty 0.3");
  for (const beginning of BEGINNINGS) show(model, beginning);
  if (once) return "ended";
  console.log("\nType the beginning of a text. The end of the input or Ctrl-C ends the demo.");
  for await (const line of createInterface({ input: process.stdin, signal: demo.signal })) {
    if (line.trim() !== "") show(model, line.trim());
  }
  return "ended";
});

/** Opens an index with its encoder. The modules need the files that `prepare` makes. */
async function open(file: string): Promise<LanguageModel> {
  const { openPhrases } = await import("./demo/phrase-index.ts");
  const { SequenceEncoder } = await import("../src/encoder/sequence-encoder.ts");
  const index = await openPhrases(file);
  const module = new WebAssembly.Module(readFileSync(`${root}build/encoder.wasm`));
  return { index, encoder: new SequenceEncoder(index, module) };
}

function show(model: LanguageModel, beginning: string): void {
  const before = performance.now();
  const { text, unknown } = writeOn(model, beginning, WORDS, SEED);
  const time = (performance.now() - before) / WORDS;
  console.log(`\n${text} …`);
  console.log(`  ${time.toFixed(2)} ms a word`);
  for (const word of unknown) console.log(`  The model does not know "${word}".`);
}

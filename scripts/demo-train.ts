// npm run demo:train [-- --once]: from text to next words over HTTP, on this machine alone.
//
//   examples/wikitext-2/*.txt.gz → midx train → midx build --features → build/assets/index.midx → wrangler dev
//   → POST /v1/predict {"features": […]}
//
// It answers three contexts, then each context that is typed, until the input ends. With --once it ends after the three.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { HISTORY } from "./demo/context.ts";
import { CLI, heading, prepare, root, runDemo } from "./demo/running-demo.ts";
import { answerEach, showExamples, trainAndServe } from "./demo/training.ts";

const corpus = join(root, "examples/wikitext-2");
const training = ["--max-words", "10000", "--epochs", "2", "--learning-rate", "0.05"];
const begun = performance.now();
const print = (line: string): void => console.log(line);

await runDemo(async (demo) => {
  await prepare(demo);
  const folder = mkdtempSync(join(tmpdir(), "midx-demo-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const served = await trainAndServe({
    ...{ corpus, folder, training, print },
    midx: (args) => demo.run("node", [CLI, ...args]),
    async serve(index) {
      mkdirSync(join(root, "build/assets"), { recursive: true });
      copyFileSync(index, join(root, "build/assets/index.midx"));
      heading("the Worker, in workerd on this machine");
      return demo.serve();
    },
  });
  print(`From text to a service in ${Math.round((performance.now() - begun) / 1000)} s`);
  print(
    `\nThe model adds up the vectors of the last ${HISTORY} words, each times factors of its position. It has read about 300,000`,
  );
  print("words, so it knows little more than which words follow which.");
  await showExamples(served, print);
  if (process.argv.includes("--once")) return "ended";
  print("\nType the beginning of a sentence. The end of the input or Ctrl-C ends the demo.");
  const lines = createInterface({ input: process.stdin, signal: demo.signal });
  await answerEach(served, lines, print);
  return "ended";
});

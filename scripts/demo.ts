// npm run demo [-- --once]: from a softmax layer in a file to answers over HTTP, on this machine alone.
//
//   examples/next-word/head.safetensors → midx build → build/assets/index.midx → wrangler dev → POST /v1/predict
//   page/ → build/assets/page, with the example's contexts and queries → GET /
//
// Ends after the answers with --once, otherwise on Ctrl-C. It leaves dist/ as it is.
import { readFileSync, rmSync } from "node:fs";
import { openInput } from "../src/cli/inputs/open.ts";
import { loadWith } from "../src/index/load.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { bundlePage } from "./bundle/page-bundle.ts";
import { EXAMPLE, exampleBuild } from "./demo/example-index.ts";
import {
  type Answer,
  chooseExamples,
  EXACT,
  type Example,
  linesOf,
  measure,
  measuredLines,
  SAMPLE,
  SHOWN_WORDS,
} from "./demo/next-word.ts";
import { writeExamples } from "./demo/page-examples.ts";
import { CLI, heading, prepare, root, runDemo } from "./demo/running-demo.ts";

const indexFile = "build/assets/index.midx";

await runDemo(async (demo) => {
  await prepare(demo);
  heading(`${EXAMPLE}/head.safetensors → ${indexFile}`);
  await demo.run("node", [CLI, ...exampleBuild(indexFile)]);
  const examples = await readExamples();
  await layPage(examples);

  heading("the Worker, in workerd on this machine");
  const url = await demo.serve({ DEMO: "true" });
  await expectAnswers(url);
  console.log(`serving ${indexFile} at ${url}`);
  const index = await openIndex();
  for (const example of chooseExamples(index, examples)) await showAnswer(url, example);
  for (const line of measuredLines(measure(index, examples))) console.log(line);
  index.dispose();
  if (process.argv.includes("--once")) return "ended";
  console.log(`\nopen ${url}/`);
  console.log(`\nstill serving ${url}, for example:\n`);
  console.log(`  curl ${url}/v1/info`);
  console.log(`  curl ${url}/v1/predict -H 'content-type: application/json' -d '{"vector": [100 numbers], "k": 10}'`);
  console.log("\nCtrl-C ends it.");
  return "serving";
});

/** The page among the Worker's assets, with the example's queries to choose from. */
async function layPage(examples: readonly Example[]): Promise<void> {
  const folder = `${root}build/assets/page`;
  rmSync(folder, { recursive: true, force: true });
  await bundlePage(folder);
  writeExamples(folder, {
    contexts: examples.map(({ context }) => context),
    queries: examples.map(({ query }) => query),
  });
}

/** The index is loaded, and the page is there. */
async function expectAnswers(url: string): Promise<void> {
  for (const path of ["/readyz", "/", "/openapi.json", "/index.midx"]) {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
  }
}

/** The next words of a context, with what a full softmax over the same index says. */
async function showAnswer(url: string, { context, query }: Example): Promise<void> {
  const vector = Array.from(query);
  const answer = await predict(url, { vector, k: SHOWN_WORDS, ...SAMPLE });
  const full = await predict(url, { vector, k: SHOWN_WORDS, ...EXACT });
  for (const line of linesOf(context, answer, full)) console.log(line);
}

async function predict(url: string, body: object): Promise<Answer> {
  const response = await fetch(`${url}/v1/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** The index in this process, with the kernels that the Worker has. */
async function openIndex(): Promise<MultiIndex> {
  const compiled = (name: string): WebAssembly.Module =>
    new WebAssembly.Module(readFileSync(`${root}build/${name}.wasm`));
  const modules = { query: compiled("query"), exact: compiled("exact"), scan: compiled("scan-relaxed") };
  return loadWith(modules, readFileSync(root + indexFile));
}

async function readExamples(): Promise<Example[]> {
  const contexts = readFileSync(`${root}${EXAMPLE}/contexts.txt`, "utf8").trimEnd().split("\n");
  const input = await openInput(`${root}${EXAMPLE}/queries.safetensors`, { tensor: "queries" });
  try {
    const queries: Float32Array[] = [];
    for await (const query of input.rows(1)) queries.push(query.slice()); // the reader reuses its memory
    return contexts.map((context, i) => ({ context, query: queries[i] ?? new Float32Array() }));
  } finally {
    await input.close();
  }
}

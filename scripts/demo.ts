// npm run demo [-- --once]: from a softmax layer in a file to answers over HTTP, on this machine alone.
//
//   examples/next-word/head.safetensors → midx build → build/assets/index.midx → wrangler dev → POST /v1/predict
//   page/ → dist/page → build/assets/page, with the example's contexts and queries → GET /
//
// Ends after the answers with --once, otherwise on Ctrl-C.
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { openInput } from "../src/cli/inputs/open.ts";
import { writeExamples } from "./page-examples.ts";
import { bundlePackage, heading, root, runDemo } from "./running-demo.ts";

const example = "examples/next-word";
const indexFile = "build/assets/index.midx";
const shownQueries = [2, 11, 25, 70];
const timedCalls = 500;

await runDemo(async (demo) => {
  await bundlePackage(demo);
  heading(`${example}/head.safetensors → ${indexFile}`);
  mkdirSync(`${root}build/assets`, { recursive: true });
  const layer = [`${example}/head.safetensors`, "--tensor", "weight", "--bias", "bias"];
  const more = ["--labels", `${example}/words.txt`, "--queries", `${example}/queries.safetensors`];
  await demo.run("node", ["dist/cli.js", "build", ...layer, ...more, "-o", indexFile]);
  const queries = await readQueries();
  layPage(queries);

  heading("the Worker, in workerd on this machine");
  const url = await demo.serve({ DEMO: "true" });
  await expectAnswers(url);
  console.log(`serving ${indexFile} at ${url}`);
  await showAnswers(url, queries);
  await showTimes(queries);
  if (process.argv.includes("--once")) return "ended";
  console.log(`\nopen ${url}/`);
  console.log(`\nstill serving ${url}, for example:\n`);
  console.log(`  curl ${url}/v1/info`);
  console.log(`  curl ${url}/v1/predict -H 'content-type: application/json' -d '{"vector": [100 numbers], "k": 10}'`);
  console.log("\nCtrl-C ends it.");
  return "serving";
});

/** The page among the Worker's assets, with the example's queries to choose from. */
function layPage(queries: readonly Float32Array[]): void {
  const folder = `${root}build/assets/page`;
  rmSync(folder, { recursive: true, force: true });
  cpSync(`${root}dist/page`, folder, { recursive: true });
  writeExamples(folder, { contexts: lines(`${example}/contexts.txt`), queries });
}

/** The index is loaded, and the page is there. */
async function expectAnswers(url: string): Promise<void> {
  for (const path of ["/readyz", "/", "/openapi.json", "/index.midx"]) {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
  }
}

/** Ten next words for a few contexts, with what a full softmax over the same index says. */
async function showAnswers(url: string, queries: readonly Float32Array[]): Promise<void> {
  const contexts = lines(`${example}/contexts.txt`);
  for (const row of shownQueries) {
    const vector = Array.from(queries[row] as Float32Array);
    const answer = await predict(url, { vector, k: 10, seed: 1 });
    const full = await predict(url, { vector, k: 10, exact: true });
    console.log(`\n… ${contexts[row]} …`);
    for (const [i, word] of answer.labels.entries()) {
      const exact = Math.exp((answer.scores[i] as number) - full.logPartition);
      const percent = [answer.probabilities[i] as number, exact].map((p) => `${(100 * p).toFixed(2).padStart(6)} %`);
      console.log(`  ${word.padEnd(14)} ${percent[0]}   exact ${percent[1]}`);
    }
    const error = answer.logPartition - full.logPartition;
    console.log(
      `  log-partition ${answer.logPartition.toFixed(4)} ± ${answer.standardError.toFixed(4)}, ` +
        `exact ${full.logPartition.toFixed(4)} (off by ${error.toFixed(4)}); ` +
        `${answer.scored} of ${full.scored} classes scored`,
    );
  }
}

interface Answer {
  readonly labels: string[];
  readonly scores: number[];
  readonly probabilities: number[];
  readonly logPartition: number;
  readonly standardError: number;
  readonly scored: number;
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

/** Medians in this process: a Worker's clock stands still while it computes. */
async function showTimes(queries: readonly Float32Array[]): Promise<void> {
  const { load }: typeof import("../src/index.ts") = await import(`${root}dist/index.js`);
  const index = await load(readFileSync(root + indexFile));
  const median = (options: object): number => {
    const times = Array.from({ length: timedCalls }, (_, i) => {
      const start = performance.now();
      index.predict(queries[i] as Float32Array, 10, { seed: 1, ...options });
      return 1000 * (performance.now() - start);
    });
    return times.sort((a, b) => a - b)[timedCalls >> 1] as number;
  };
  const everything = { exact: true };
  median({});
  median(everything);
  const [sampled, full] = [median({}), median(everything)];
  console.log(
    `\na call takes ${sampled.toFixed(0)} µs, the full softmax over ${index.info.itemCount} classes ${full.toFixed(0)} µs ` +
      `(median of ${timedCalls}, ${process.version}, one core; the gap grows with the classes)`,
  );
  index.dispose();
}

function lines(path: string): string[] {
  return readFileSync(root + path, "utf8")
    .trimEnd()
    .split("\n");
}

async function readQueries(): Promise<Float32Array[]> {
  const input = await openInput(`${root}${example}/queries.safetensors`, { tensor: "queries" });
  try {
    const queries: Float32Array[] = [];
    for await (const query of input.rows(1)) queries.push(query.slice()); // the reader reuses its memory
    return queries;
  } finally {
    await input.close();
  }
}

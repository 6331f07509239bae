import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createClient } from "../../worker/client.ts";
import { bundlePage } from "../bundle/page-bundle.ts";
import { featuresOf } from "./context.ts";
import { measure, measuredLines } from "./measured-calls.ts";
import { linesIn } from "./model-files.ts";
import {
  type Answer,
  EXACT,
  EXAMPLE,
  heldOutContexts,
  linesOf,
  queryOf,
  SAMPLED,
  SHOWN_PHRASES,
  timesOf,
} from "./next-phrase.ts";
import { writeExamples } from "./page-examples.ts";
import { buildPhrases, openPhrases, PHRASE_FILES } from "./phrase-index.ts";
import { heading, type RunningDemo, root } from "./running-demo.ts";

const indexFile = "build/assets/index.midx";
/** Contexts that the demo answers by itself, the first of contexts.txt. */
const SHOWN_CONTEXTS = 4;

/** A service that answers with phrases, and the index that it serves. */
interface PhraseService {
  readonly url: string;
  readonly words: ReadonlySet<string>;
  readonly index: MultiIndex;
}

/** Builds the index of the example, serves it and shows answers; then answers typed contexts, or ends with `once`. */
export async function servePhrases(demo: RunningDemo, once: boolean): Promise<"ended" | "serving"> {
  heading(`${EXAMPLE} → ${indexFile}`);
  await buildPhrases(demo, indexFile);
  const index = await openPhrases(root + indexFile);
  const words = new Set(linesIn(root + PHRASE_FILES.featureLabels));
  const picked = linesIn(`${root}${EXAMPLE}/contexts.txt`);
  const heldOut = heldOutContexts(root);
  const contexts = [...picked, ...heldOut];
  const queries = contexts.map((context) => queryOf(index, words, context));
  await layPage(contexts, queries);

  heading("the Worker, in workerd on this machine");
  const url = await demo.serve({ DEMO: "true" });
  await expectAnswers(url);
  console.log(`serving ${indexFile} at ${url}`);
  console.log("\nWhich phrase comes next? These contexts are the first of contexts.txt, picked by hand.");
  const service = { url, words, index };
  for (const context of picked.slice(0, SHOWN_CONTEXTS)) await showAnswer(service, context);
  for (const line of measuredLines(measure(index, queries.slice(picked.length)))) console.log(line);
  if (once) return "ended";
  showAddresses(service, picked[0] as string);
  answerTyped(service, demo.signal);
  return "serving";
}

/** Puts the page among the Worker's assets, with the contexts to choose from. */
async function layPage(contexts: readonly string[], queries: readonly Float32Array[]): Promise<void> {
  const folder = `${root}build/assets/page`;
  rmSync(folder, { recursive: true, force: true });
  await bundlePage(folder);
  writeExamples(folder, { contexts, queries });
}

/** Expects that the index is loaded and the page is there. */
async function expectAnswers(url: string): Promise<void> {
  for (const path of ["/readyz", "/", "/openapi.json", "/index.midx"]) {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
  }
}

/** Prints the next phrases of a context, beside those of the exact softmax over the same index. */
async function showAnswer({ url, words, index }: PhraseService, context: string): Promise<void> {
  const { features, unknown } = featuresOf(words, context.toLowerCase());
  // The index has labels, and classes that take part: no field of the answer is missing or null.
  const predict = async (options: typeof SAMPLED | typeof EXACT): Promise<Answer> =>
    (await createClient(url).predict({ features }, { k: SHOWN_PHRASES, ...options })) as Answer;
  const [answer, full] = [await predict(SAMPLED), await predict(EXACT)];
  for (const line of linesOf(context, answer, full, timesOf(index, queryOf(index, words, context)))) console.log(line);
  for (const word of unknown) console.log(`  The model does not know "${word}".`);
}

function showAddresses({ url, words }: PhraseService, context: string): void {
  const body = JSON.stringify({ features: featuresOf(words, context.toLowerCase()).features, k: SHOWN_PHRASES });
  console.log(`\nopen ${url}/`);
  console.log(`\nstill serving ${url}, for example:\n`);
  console.log(`  curl ${url}/v1/info`);
  console.log(`  curl ${url}/v1/predict -H 'content-type: application/json' -d '${body}'`);
  console.log("\nType the beginning of a sentence to see what comes next. Ctrl-C ends it.");
}

/** Answers each line of the input, as long as the demo runs. The end of the input does not end the demo. */
async function answerTyped(service: PhraseService, signal: AbortSignal): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, signal })) {
    if (line.trim() === "") continue;
    await showAnswer(service, line.trim()).catch((error: Error) => console.error(error.message));
  }
}

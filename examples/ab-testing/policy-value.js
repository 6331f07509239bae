// @ts-check
// Estimates what another policy would have earned from logged draws (docs/ab-testing.md):
//   node examples/ab-testing/policy-value.js candidate.midx --logs l.jsonl --rewards r.jsonl --queries q.jsonl
import { realpathSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { load } from "midx";
import { argumentsOf } from "./arguments.js";
import { candidateOf } from "./candidate.js";
import { readDraws, readQueries, readRewards } from "./inputs.js";
import { report } from "./report.js";
import { policyValue } from "./value.js";

/**
 * Returns the output of the command. Errors name what cannot be used and, for a file, its place.
 * @param {readonly string[]} args
 */
export async function run(args) {
  const { file, logs, rewards, queries, candidate, value: options } = argumentsOf(args);
  const index = await load(await readFile(file), candidate.scan ? { maxScan: candidate.scan } : {});
  const joined = {
    draws: readDraws(linesOf(logs), logs),
    rewards: await readRewards(linesOf(rewards), rewards),
    queries: await readQueries(linesOf(queries), queries, index.info),
  };
  const value = await policyValue(joined, candidateOf(index, candidate), options);
  const caveat = "log Z is estimated: every weight carries its error, and a bias with it";
  return [...report(value), ...(candidate.kind === "estimated" ? [caveat] : []), ""].join("\n");
}

/** @param {string} path */
async function* linesOf(path) {
  const file = await open(path);
  yield* file.readLines();
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(await run(process.argv.slice(2)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

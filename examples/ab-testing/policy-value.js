// @ts-check
// Estimates with policyValue what the softmax of another index would have earned, from logs that you join yourself. With the
// logs of a service, `midx policy-value` does it all (docs/ab-testing.md).
//   node examples/ab-testing/policy-value.js ab
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { load } from "midx";
import { policyValue } from "midx/train";

const folder = process.argv[2] ?? "ab";
const candidate = await load(await readFile(join(folder, "b.midx")));

/** @param {string} name */
const linesOf = async (name) => (await readFile(join(folder, name), "utf8")).trimEnd().split("\n").map(parsed);
/** @param {string} line */
const parsed = (line) => JSON.parse(line);

const logs = await linesOf("logs.jsonl");
const vectors = new Map((await linesOf("queries.jsonl")).map(({ requestId, vector }) => [requestId, vector]));
const rewards = new Map(
  (await linesOf("rewards.jsonl")).map(({ requestId, id, reward }) => [`${requestId} ${id}`, reward]),
);

const value = policyValue(
  logs.map(({ requestId, ids, logQ }) => {
    const { logProbabilities } = candidate.logProbability(vectors.get(requestId), ids, { exact: true });
    const draws = Array.from(logProbabilities, (logPi, i) => ({
      weight: Math.exp(logPi - logQ[i]),
      reward: rewards.get(`${requestId} ${ids[i]}`) ?? 0,
    }));
    return { requestId, draws };
  }),
);

for (const name of /** @type {const} */ (["logged", "ips", "snips", "snipsDifference"])) {
  const { mean, low, high } = value[name];
  console.log(`${name.padEnd(16)}${mean.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`);
}

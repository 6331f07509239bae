// Asks a service for the most probable next words. Start the service, then run this file:
//   midx serve examples/next-word/next-word.midx
//   node examples/client.js
import { readFile } from "node:fs/promises";
import { createClient } from "midx/client";

const read = (name) => readFile(new URL(name, import.meta.url));

const midx = createClient(process.argv[2] ?? "http://127.0.0.1:8787");
const vocabulary = String(await read("next-word/words.txt")).split("\n");
const contexts = JSON.parse(await read("contexts.json"));

const queries = contexts.map(({ query }) => Float32Array.from(query));
const { results } = await midx.predict(queries, { k: 3, seed: 1 });
for (const [i, { ids, probabilities }] of results.entries()) {
  const next = ids.map((id, rank) => `${vocabulary[id]} ${(100 * probabilities[rank]).toFixed(1)} %`);
  console.log(`${contexts[i].words} … ${next.join(", ")}`);
}

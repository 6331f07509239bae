// Predicts the next word, in Node:  node examples/node.js
import { readFile } from "node:fs/promises";
import { load } from "midx";

const read = (name) => readFile(new URL(name, import.meta.url));

const index = await load(await read("next-word/next-word.midx"));
const vocabulary = String(await read("next-word/words.txt")).split("\n");

for (const { words, query } of JSON.parse(await read("contexts.json"))) {
  const { ids, probabilities } = index.predict(query, 3, { seed: 1 });
  const next = Array.from(ids, (id, i) => `${vocabulary[id]} ${(100 * probabilities[i]).toFixed(1)} %`);
  console.log(`${words} … ${next.join(", ")}`);
}

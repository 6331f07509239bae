// Draws words by their probability, in Deno:  deno run --allow-read examples/deno.ts
import { load } from "midx";
import contexts from "./contexts.json" with { type: "json" };

const folder = new URL("next-word/", import.meta.url);
const index = await load(await Deno.readFile(new URL("next-word.midx", folder)));
const vocabulary = (await Deno.readTextFile(new URL("words.txt", folder))).split("\n");

for (const { words, query } of contexts) {
  const { ids } = index.sample(query, 5, { exact: true, seed: 1 });
  console.log(`${words} … ${Array.from(ids, (id) => vocabulary[id]).join(", ")}`);
}

// Finds the most probable words, exactly, in Bun:  bun examples/bun.ts
import { load } from "midx";
import contexts from "./contexts.json";

const file = (name: string) => Bun.file(new URL(`next-word/${name}`, import.meta.url));

const index = await load(file("next-word.midx"));
const vocabulary = (await file("words.txt").text()).split("\n");

for (const { words, query } of contexts) {
  const { ids, scored } = index.topK(query, 5, { exact: true });
  console.log(`${words} … ${Array.from(ids, (id) => vocabulary[id]).join(", ")} (${scored} rows read)`);
}

// A Worker with its own routes. Run  wrangler dev  in this folder, then
//   curl localhost:8787 -d '[100 numbers]'
import { load, type MultiIndex } from "midx";
import file from "../next-word/next-word.midx";
import words from "../next-word/words.txt";

const vocabulary = words.split("\n");
let index: MultiIndex | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    index ??= await load(file);
    try {
      const { ids, probabilities } = index.predict((await request.json()) as number[], 10);
      return Response.json(Array.from(ids, (id, i) => ({ word: vocabulary[id], probability: probabilities[i] })));
    } catch (error) {
      return new Response(String(error), { status: 400 });
    }
  },
};

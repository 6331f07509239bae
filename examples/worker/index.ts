// A Worker with its own routes. Run  wrangler dev  in this folder, then
//   curl localhost:8787 -d '[100 numbers]'
import { load, type MultiIndex } from "midx";
import file from "../next-word/next-word.midx";
import words from "../next-word/words.txt";

const vocabulary = words.split("\n");
let loading: Promise<MultiIndex> | undefined;

/**
 * The requests of a cold start share one load. It does no I/O, so it goes on if the client of the request that began it leaves. A
 * load that fails is forgotten, and the next request tries again.
 */
function open(): Promise<MultiIndex> {
  loading ??= load(file).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

export default {
  async fetch(request: Request): Promise<Response> {
    const index = await open();
    try {
      const { ids, probabilities } = index.predict((await request.json()) as number[], 10);
      return Response.json(Array.from(ids, (id, i) => ({ word: vocabulary[id], probability: probabilities[i] })));
    } catch (error) {
      return new Response(String(error), { status: 400 });
    }
  },
};

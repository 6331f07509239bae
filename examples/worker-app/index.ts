// A Worker with the whole HTTP interface in it, and a page of its own:  wrangler dev  (in this folder)
//   curl localhost:8787/v1/predict -H 'content-type: application/json' -d '{"vector": [100 numbers], "k": 10}'
import { createHandler } from "midx/worker";

interface Env {
  readonly ASSETS: Fetcher;
}

const midx = createHandler(({ ASSETS }: Env) => ASSETS.fetch("https://assets/next-word.midx"));

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response("Ask /v1/predict what comes next.");
    return midx.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;

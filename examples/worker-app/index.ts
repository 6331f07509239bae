// A Worker that adds a page to midx's HTTP interface. Run  wrangler dev  in this folder, then
//   curl localhost:8787/v1/predict -H 'content-type: application/json' -d '{"vector": [100 numbers], "k": 10}'
import { createHandler } from "midx/worker";

interface Env {
  readonly ASSETS: Fetcher;
}

const midx = createHandler(({ ASSETS }: Env) => ASSETS.fetch("https://assets.localhost/next-word.midx"));

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response("POST /v1/predict returns the next words.");
    return midx.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;

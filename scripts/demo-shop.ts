// npm run demo:shop [-- --once]: from clicks to a page that recommends as one clicks, on this machine alone.
//
//   examples/shop → build/shop/clicks.jsonl → midx train --task next-item --encoder gru → midx build
//   → build/shop/assets/index.midx → wrangler dev, with midx/sequences → POST /v1/encode, POST /v1/predict
//   page/shop → build/shop/assets/page → GET /
//
// It clicks a few items itself and measures what is recommended. With --once it ends then, otherwise on Ctrl-C.
import { prepare, runDemo } from "./demo/running-demo.ts";
import { serveShop } from "./demo/shop/shop-service.ts";

await runDemo(async (demo) => {
  await prepare(demo);
  return serveShop(demo, process.argv.includes("--once"));
});

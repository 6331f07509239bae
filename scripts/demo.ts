// npm run demo [-- --once]: from a model in a file to answers over HTTP, on this machine alone.
//
//   examples/next-phrase → midx build → build/assets/index.midx → wrangler dev → POST /v1/predict {"features": […]}
//   page/ → build/assets/page, with contexts and their queries → GET /
//
// With --once it ends after the answers, otherwise on Ctrl-C. It leaves dist/ as it is.
import { prepare, runDemo } from "./demo/running-demo.ts";

await runDemo(async (demo) => {
  await prepare(demo);
  const { servePhrases } = await import("./demo/phrase-service.ts"); // needs the files that `prepare` makes
  return servePhrases(demo, process.argv.includes("--once"));
});

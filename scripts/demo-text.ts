// npm run demo:text [-- --index <file>]: text from the model of examples/next-phrase, phrase by phrase (examples/text).
//
// It builds the index, or takes that of `npm run demo` (build/assets/index.midx). Further arguments are those of
// examples/text/write.js: the beginning of a text, and options of decode.
import { prepare, runDemo } from "./demo/running-demo.ts";

await runDemo(async (demo) => {
  await prepare(demo);
  const { writeTexts } = await import("./demo/texts.ts"); // needs the files that `prepare` makes
  return writeTexts(demo, process.argv.slice(2));
});

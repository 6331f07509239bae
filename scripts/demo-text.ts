// npm run demo:text [-- --index <file>] [text]: the model of examples/next-phrase continues a text (examples/text).
//
// It builds the index, unless --index names one, such as that of `npm run demo` (build/assets/index.midx), and decodes in three
// ways. examples/text/write.js takes options of decode.
import { prepare, runDemo } from "./demo/running-demo.ts";

await runDemo(async (demo) => {
  await prepare(demo);
  const { writeTexts } = await import("./demo/texts.ts"); // needs the files that `prepare` makes
  return writeTexts(demo, process.argv.slice(2));
});

import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, inject, test } from "vitest";
import { featuresOf } from "../../scripts/demo/context.ts";
import { answerEach, showExamples, trainAndServe } from "../../scripts/demo/training.ts";
import { type DevServer, startWrangler } from "../../scripts/server/wrangler-dev.ts";
import { execute } from "./execute.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The first lines of the example's corpus. */
function smallCorpus(folder: string): string {
  for (const [name, lines] of [
    ["train.txt.gz", 150],
    ["valid.txt.gz", 20],
  ] as const) {
    const text = gunzipSync(readFileSync(join(root, "examples/wikitext-2", name))).toString();
    writeFileSync(join(folder, name), gzipSync(text.split("\n").slice(0, lines).join("\n")));
  }
  return folder;
}

/** A Worker that is `midx/worker`, with the index among its assets. */
function workerFolder(folder: string): void {
  mkdirSync(join(folder, "assets"));
  cpSync(join(inject("installed"), "node_modules"), join(folder, "node_modules"), { recursive: true });
  symlinkSync(join(root, "node_modules/wrangler"), join(folder, "node_modules/wrangler"));
  writeFileSync(join(folder, "worker.js"), 'export { default } from "midx/worker";\n');
  writeFileSync(
    join(folder, "wrangler.toml"),
    `name = "words"\nmain = "worker.js"\ncompatibility_date = "2026-10-01"\n
[assets]\ndirectory = "./assets"\nbinding = "ASSETS"\nrun_worker_first = true\n`,
  );
}

test("the training demo goes from a small text to answers, by the packed command line and Worker", async () => {
  const folder = mkdtempSync(join(inject("installed"), "demo-"));
  workerFolder(folder);
  const printed: string[] = [];
  const print = (line: string): void => void printed.push(line);
  let server: DevServer | undefined;
  try {
    const served = await trainAndServe({
      ...{ corpus: smallCorpus(folder), folder, print },
      training: ["--max-words", "500", "--epochs", "1", "--dim", "16"],
      midx: async (args) => print(await execute(folder, join(folder, "node_modules/.bin/midx"), ...args)),
      async serve(index) {
        copyFileSync(index, join(folder, "assets/index.midx"));
        server = await startWrangler(folder);
        return server.url;
      },
    });
    expect(served.words.size).toBe(500);
    expect(printed.join("\n")).toMatch(/^perplexity +\d+\.\d\d$/m);
    expect(printed.join("\n")).toMatch(/^features +500 with names, 4 positions, pooling sum$/m);

    printed.length = 0;
    await showExamples(served, print);
    const shown = printed.join("\n");
    expect(shown).toContain('"features":["of","end","the","at"]');
    expect(shown.match(/^ {2}\S+ +\d+\.\d\d %$/gm)).toHaveLength(3 * 8);

    printed.length = 0;
    const typed = async function* () {
      yield "  ";
      yield "xyzzy of the";
      yield "of";
    };
    await answerEach(served, typed(), print);
    const answered = printed.join("\n");
    expect(answered).toContain('"xyzzy" is not among the model\'s 500 words and is read as <unk>');
    expect(answered).toContain("… <unk> of the …");
    expect(answered.match(/log-partition -?\d/g)).toHaveLength(2);
  } finally {
    await server?.stop();
  }
});

test("a context is read as the corpus has its words, the nearest first, unknown ones apart", () => {
  const words = new Set(["<unk>", "the", "game", "'s", "end", ",", "didn", "'t"]);
  expect(featuresOf(words, "after the game's end,")).toEqual({ features: [",", "end", "'s", "game"], unknown: [] });
  expect(featuresOf(words, "they didn't end")).toEqual({ features: ["end", "'t", "didn", "<unk>"], unknown: ["they"] });
  expect(featuresOf(new Set(["the"]), "the cat")).toEqual({ features: ["the"], unknown: ["cat"] });
});

// npm run demo:model [-- folder]: trains the model of examples/next-phrase anew, from the whole text of WikiText-2.
//
// The folder has the published files wiki.train.tokens and wiki.valid.tokens, or the compact form that the benchmarks
// read: by default it is wikitext-2 among their data (MIDX_DATA). The same text gives the same bytes, on any machine.
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { placeOf } from "../bench/data.ts";
import { modelKernels, samplerTools } from "../bench/library.ts";
import { occurrences, rowCount } from "../src/train/model/examples.ts";
import { metricsOf } from "../src/train/model/metrics.ts";
import { spacedRows } from "../src/train/model/order.ts";
import { trainWith } from "../src/train/model/train.ts";
import { createSamplerWith } from "../src/train/samplers/create.ts";
import { featureWords, phraseExamples } from "./demo/phrases/examples.ts";
import { modelFile } from "./demo/phrases/model-file.ts";
import { Lexicon, Phrases } from "./demo/phrases/phrases.ts";
import { readWikiText, tokensOf } from "./demo/phrases/wikitext.ts";
import { root } from "./demo/running-demo.ts";

const TRAINING = { dim: 48, epochs: 2, negatives: 50, form: "B", refreshEvery: 2500, seed: 1 } as const;
const HELD_OUT_ROWS = 5000;

const folder = process.argv[2] ?? placeOf("wikitext-2");
const output = process.argv[3] ?? `${root}examples/next-phrase`;

const lexicon = new Lexicon();
const text = lexicon.read(tokensOf(readWikiText(folder, "train")));
const phrases = new Phrases(lexicon, text);
const words = featureWords(lexicon, text);
const examples = phraseExamples(lexicon, phrases, words, text);
const held = lexicon.read(tokensOf(readWikiText(folder, "valid")));
const heldOut = phraseExamples(lexicon, phrases, words, held);
console.log(`${phrases.labels.length} phrases, ${words.length} words, ${rowCount(examples.positives)} examples`);

mkdirSync(output, { recursive: true });
write("phrases.txt", Buffer.from(`${phrases.labels.join("\n")}\n`));
write("words.txt", Buffer.from(`${words.join("\n")}\n`));

const counts = occurrences(examples.positives.ids, examples.classCount);
const { model } = await trainWith(modelKernels(), examples, {
  ...TRAINING,
  sampler: (rows, biases, seed) => createSamplerWith(samplerTools(), { kind: "midx", seed }, { rows, biases, counts }),
  onProgress({ epoch, done, total }) {
    process.stderr.write(`\repoch ${epoch}: ${done} of ${total} `);
  },
  onEpoch({ epoch, loss }) {
    console.log(
      `\nepoch ${epoch}: loss ${loss.toFixed(4)} (${Math.round(process.cpuUsage().user / 1e6)} s of CPU time)`,
    );
  },
});
write("model.safetensors", modelFile(model));
const rows = spacedRows(rowCount(heldOut.positives), HELD_OUT_ROWS);
const { perplexity, recall, ndcg } = metricsOf(modelKernels(), model, heldOut, rows, 10);
console.log(
  `held-out: perplexity ${perplexity.toFixed(1)}, recall@10 ${recall.toFixed(4)}, NDCG@10 ${ndcg.toFixed(4)}`,
);

/** Writes a file of the example, compressed; prints the SHA-256 of its contents. */
function write(name: string, contents: Buffer): void {
  const compressed = gzipSync(contents, { level: 9 });
  writeFileSync(`${output}/${name}.gz`, compressed);
  const hash = createHash("sha256").update(contents).digest("hex");
  console.log(`${hash}  ${name} (${contents.length} bytes, ${compressed.length} compressed)`);
}

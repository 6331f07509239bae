// Compares the speed of another build of the library with this one (npm run bench:paired -- <folder of a checkout>,
// both after `npm run build`). The builds take turns with the same calls of the same index in one process, so changes
// of the machine's speed affect both alike. Prints the ratio of the medians, this build over the other, and whether the
// answers are equal.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { haveTokens, tokensHead } from "./heads.ts";
import { build } from "./library.ts";
import { callTimes, median } from "./timing.ts";

type Library = typeof import("../src/index.ts");
type Trainer = typeof import("../src/train/index.ts");

const ROUNDS = 24;
const BURST = 32;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: npm run bench:paired -- <folder of another checkout, built>");
  process.exitCode = 2;
} else if (haveTokens()) {
  await compare(folder);
}

async function compare(other: string): Promise<void> {
  const head = tokensHead("tok100k", 100_000);
  const { dim, queries } = head;
  const file = await build(
    { data: head.data, shape: [head.itemCount, dim] },
    {
      bias: head.bias,
      counts: head.counts,
      bits: 8,
      fineCodes: true,
      seed: 1,
    },
  );
  const indexes = {
    this: await (await distOf<Library>(".", "index.js")).load(file),
    other: await (await distOf<Library>(other, "index.js")).load(file),
  };
  const query = (i: number): Float32Array => {
    const at = (i % (queries.length / dim)) * dim;
    return queries.subarray(at, at + dim);
  };
  type Index = typeof indexes.this;
  const calls: Record<string, (index: Index, i: number) => unknown> = {
    "predict, k = 10": (index, i) => index.predict(query(i), 10, { seed: i }),
    "predict, scan 4,096": (index, i) => index.predict(query(i), 10, { seed: i, scan: 4096 }),
    "predict, exact": (index, i) => index.predict(query(i), 10, { exact: true, seed: i }),
    "topK, exact": (index, i) => index.topK(query(i), 10, { exact: true }),
    "topK by fine codes": (index, i) => index.topK(query(i), 10, { rescore: 512 }),
    "sample, 100 draws": (index, i) => index.sample(query(i), 100, { seed: i }),
    "sample, exact": (index, i) => index.sample(query(i), 100, { exact: true, seed: i }),
    sampleTopK: (index, i) => index.sampleTopK(query(i), 10, { seed: i }),
  };
  for (const [name, call] of Object.entries(calls)) {
    const equal = [0, 1, 2, 3].every((i) => isDeepStrictEqual(call(indexes.this, i), call(indexes.other, i)));
    const times = callTimes(ROUNDS, BURST, {
      this: (i) => call(indexes.this, i),
      other: (i) => call(indexes.other, i),
    });
    report(name, times.this?.median ?? 0, times.other?.median ?? 0, equal);
  }
  await compareBuilds(other);
}

/** Builds of 20,000 rows, by each library's own trainer in turn. */
async function compareBuilds(other: string): Promise<void> {
  const { data, dim, itemCount } = tokensHead("tok100k", 20_000);
  const embeddings = { data, shape: [itemCount, dim] as const };
  const trainers = [await distOf<Trainer>(".", "train.js"), await distOf<Trainer>(other, "train.js")] as const;
  const times: [number[], number[]] = [[], []];
  const files: Uint8Array[] = [];
  for (let turn = 0; turn < 5; turn++) {
    for (const [which, trainer] of trainers.entries()) {
      const start = performance.now();
      files[which] = await trainer.build(embeddings, { bits: 6, seed: 1 });
      times[which as 0 | 1].push(1000 * (performance.now() - start));
    }
  }
  report("build, 20,000 rows", median(times[0]), median(times[1]), isDeepStrictEqual(files[0], files[1]));
}

function report(name: string, mine: number, others: number, equal: boolean): void {
  const micros = (value: number): string => `${value.toFixed(1)} µs`.padStart(14);
  const ratio = (mine / others).toFixed(3);
  console.log(
    `${name.padEnd(22)}${micros(mine)}${micros(others)}   ratio ${ratio}   ${equal ? "same answers" : "OTHER ANSWERS"}`,
  );
}

function distOf<Module>(checkout: string, name: string): Promise<Module> {
  return import(pathToFileURL(join(resolve(checkout), "dist", name)).href);
}

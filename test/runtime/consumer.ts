// A program of someone who uses the package: compiled against the installed types by types.test.ts, never run.
import { FormatError, type IndexSource, type LoadOptions, load, type MultiIndex, type Prediction } from "midx";
import { type BuildOptions, build, measure, type Quality } from "midx/train";
import { createHandler, type Handler } from "midx/worker";

const options: LoadOptions = { maxK: 10, simd: "base" };
const source: IndexSource = new Response(new Uint8Array(8));

async function open(): Promise<MultiIndex | undefined> {
  try {
    return await load(source, options);
  } catch (error) {
    if (error instanceof FormatError) console.log(error.code, error.offset);
    return undefined;
  }
}

const index = await open();
const query = new Float32Array(4);
if (index) {
  const one: Prediction = index.predict(query, 3, { temperature: 2, seed: 1n });
  const several: Prediction[] = index.predict(query, 3, { batch: 1 });
  const logQ: Float32Array = index.sample(query, 3, { exclude: [1] }).logQ;
  // @ts-expect-error exact draws have no log Q
  index.sample(query, 3, { exact: true }).logQ;
  // @ts-expect-error an index has no such option
  index.topK(query, 3, { precise: true });
  console.log(one.probabilities, several.length, logQ, index.info.dim);
}

const how: BuildOptions = { rows: "f16", bias: [0, 1], onProgress: ({ phase, done }) => console.log(phase, done) };
const file: Uint8Array = await build({ data: query, shape: [2, 2] }, how);
const quality: Quality = await measure(await load(file), query);
console.log(quality.recallAt10);

interface Env {
  readonly file: Uint8Array;
}
export const handler: Handler<Env> = createHandler((env: Env) => env.file, { maxWork: 1e6 });
// @ts-expect-error a function that opens the index is needed
createHandler();

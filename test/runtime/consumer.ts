// A program that uses the package. types.test.ts compiles it against the installed types. It never runs.
import {
  type Draws,
  type ExactDraws,
  FormatError,
  type IndexSource,
  type LoadOptions,
  load,
  type MultiIndex,
  type Prediction,
} from "midx";
import {
  type BatchAnswer,
  type Client,
  createClient,
  createVectorizeBinding,
  MidxError,
  type PredictAnswer,
  type VectorizeBinding,
} from "midx/client";
import { type Part, PartedIndex, partOf, type Question } from "midx/parts";
import { type BuildOptions, build, type FeatureTable, measure, type Quality } from "midx/train";
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
  const exact = options.maxK === 10; // a boolean that the compiler does not know
  const draws: (ExactDraws | Draws)[] = index.sample(query, 3, { exact, batch: 1 });
  const draw: ExactDraws | Draws = index.sample(query, 3, { exact });
  console.log(draws.length, draw.ids);
  const made: Float32Array = index.encode(["the", 3], { weights: [1, 0.5] });
  const rows: Float32Array = index.rows([0, 1]);
  console.log(made, rows, index.info.features?.featureCount);
  // @ts-expect-error an index has no such option
  index.topK(query, 3, { precise: true });
  console.log(one.probabilities, several.length, logQ, index.info.dim);
  const part: Part = partOf(index, { number: 1 });
  const parted = new PartedIndex([partOf(index), part]);
  const merged: Prediction = await parted.predict(query, 3, { seed: 1 });
  const mergedDraws: (ExactDraws | Draws)[] = await parted.sample(query, 3, { exact, batch: 1 });
  console.log(mergedDraws.length);
  const question: Question = { call: "topK", query, size: 3, ids: new Int32Array(0), options: { exact: true } };
  console.log(merged.probabilities, (await parted.answer(question)).top?.ids);
  // @ts-expect-error a part has no such option
  partOf(index, { place: 1 });
}

const how: BuildOptions = { rowType: "f16", bias: [0, 1], onProgress: ({ phase, done }) => console.log(phase, done) };
const features: FeatureTable = { data: query, shape: [2, 2], labels: ["the", "a"], pooling: "mean" };
const file: Uint8Array = await build({ data: query, shape: [2, 2] }, { ...how, features });
const quality: Quality = await measure(await load(file), query);
console.log(quality.recallAt10);

interface Env {
  readonly file: Uint8Array;
}
export const handler: Handler<Env> = createHandler((env: Env) => env.file, { maxWork: 1e6 });
// @ts-expect-error a function that opens the index is needed
createHandler();

const midx: Client = createClient("https://words.example.com", { token: "secret", fetch });
const vectorize: VectorizeBinding = createVectorizeBinding("https://words.example.com", { token: "secret" });
async function ask(): Promise<number | null> {
  const { matches } = await vectorize.query(query, { topK: 3, returnMetadata: "all" });
  console.log(matches[0]?.metadata?.label, (await vectorize.describe()).vectorCount);
  const { ids, labels, version } = await midx.predict([1, 2], { k: 3, seed: 2n ** 63n, exclude: [1, "the"] });
  const several: BatchAnswer<PredictAnswer> = await midx.predict([query, [1, 2]], { scan: "auto" });
  const bags: BatchAnswer<PredictAnswer> = await midx.predict([{ features: ["the"], weights: [2] }, { features: [3] }]);
  // @ts-expect-error features are needed
  await midx.logPartition({ weights: [2] });
  const logQ: readonly number[] = (await midx.sample(query, { draws: 3 })).logQ;
  // @ts-expect-error exact draws have no log Q
  (await midx.sample(query, { draws: 3, exact: true })).logQ;
  // @ts-expect-error draws are needed
  await midx.sample(query);
  // @ts-expect-error a service has no such option
  await midx.predict(query, { batch: 2 });
  console.log(ids, labels, version, several.results.length, bags, logQ, (await midx.info()).dim);
  return (await midx.logPartition(query, { signal: AbortSignal.timeout(1000) })).logPartition;
}
await ask().catch((error: unknown) => {
  if (error instanceof MidxError) console.log(error.code, error.requestId, error.retryAfter);
});

import type { createSampler, SamplerOptions } from "../../src/train/index.ts";
import { sha256 } from "./hash-answers.ts";
import { seededNumbers } from "./input.ts";

const [ITEMS, DIM, QUERIES, DRAWS] = [300, 12, 20, 25];
const rows = seededNumbers(ITEMS * DIM, 31);
const biases = seededNumbers(ITEMS, 32);
const counts = Float32Array.from(seededNumbers(ITEMS, 33), (number) => Math.ceil(100 * (number + 1)));
const queries = seededNumbers(QUERIES * DIM, 34);

const SAMPLERS: readonly SamplerOptions[] = [
  { kind: "midx" },
  { kind: "midx", unigramShare: 0.5 },
  { kind: "full" },
  { kind: "uniform" },
  { kind: "unigram" },
  { kind: "log-uniform" },
  { kind: "lsh" },
  { kind: "quadratic" },
  { kind: "fourier" },
];

/** SHA-256 of draws of every sampler and of their log Q, in this runtime. */
export async function samplersGolden(create: typeof createSampler): Promise<string> {
  const pieces: (Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>)[] = [];
  for (const options of SAMPLERS) {
    const sampler = await create(options, { rows, biases, counts });
    for (let number = 0; number < QUERIES; number++) {
      const query = queries.subarray(number * DIM, (number + 1) * DIM);
      const { ids, logQ } = sampler.draw(query, DRAWS, [number, 7], BigInt(number));
      pieces.push(
        Int32Array.from(ids),
        Float64Array.from(logQ),
        Float64Array.from(sampler.logQ(query, [1, 2, 3], [7])),
      );
    }
  }
  return sha256(new Uint8Array(await new Blob(pieces).arrayBuffer()));
}

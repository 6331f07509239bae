import type { applyChanges } from "../../src/changes/index.ts";
import type { load, MultiIndex } from "../../src/index.ts";
import type { PartedIndex, partOf } from "../../src/parts/index.ts";
import type { build } from "../../src/train/index.ts";
import { sha256 } from "./hash-answers.ts";
import { goldenMatrix, goldenOptions, goldenQuery } from "./input.ts";

/** The library under test, in some runtime. */
export interface CallLibrary {
  readonly load: typeof load;
  readonly build: typeof build;
  readonly applyChanges: typeof applyChanges;
  readonly PartedIndex: typeof PartedIndex;
  readonly partOf: typeof partOf;
}

const QUERIES = 40;
const CHAIN = { temperature: 0.8, topK: 60, topP: 0.95, minP: 0.01 } as const;

/** SHA-256 of answers that hashAnswers does not have: decoding, changed logits, further samples, parts, and changes. */
export async function callsGolden(library: CallLibrary): Promise<string> {
  const labels = Array.from({ length: goldenMatrix.shape[0] }, (_, id) => `class ${id}`);
  const file = await library.build(goldenMatrix, { ...goldenOptions, labels, calibrate: "quick" });
  const open = (): Promise<MultiIndex> => library.load(file, { maxDelta: 20 });
  const [first, second, changed] = [await open(), await open(), await open()];
  library.applyChanges(changed, {
    upserts: {
      labels: ["class 3", "new"],
      rows: Float32Array.of(...goldenQuery(5), ...goldenQuery(6)),
      biases: [0.5, -0.25],
    },
    removals: ["class 9"],
  });
  const parted = new library.PartedIndex([first, second].map((index, number) => library.partOf(index, { number })));
  const answers: unknown[] = [];
  for (let number = 0; number < QUERIES; number++) {
    const query = goldenQuery(number);
    answers.push(
      ...answersOf(first, query, number),
      ...answersOf(changed, query, number),
      await parted.topK(query, 10, { exact: true }),
      await parted.predict(query, 10, { seed: number }),
      await parted.sample(query, 20, { seed: number }),
      await parted.decode(query, { ...CHAIN, seed: number }),
    );
  }
  return sha256(new TextEncoder().encode(JSON.stringify(answers, shown)));
}

function answersOf(index: MultiIndex, query: Float32Array, seed: number): readonly object[] {
  const bias = { ids: [1, 5, 800], values: [2, -3, Number.NEGATIVE_INFINITY] };
  const history = [7, 7, 30, 500];
  return [
    index.decode(query, { ...CHAIN, seed }),
    index.decode(query, { temperature: 1.3, topP: 0.9, history, frequencyPenalty: 0.4, repetitionPenalty: 1.2, seed }),
    index.predict(query, 10, { bias, temperature: 0.6, seed }),
    index.topK(query, 10, { diversity: { lambda: 0.5, pool: 60 } }),
    index.sample(query, 20, { exact: true, seed }),
    index.sampleTopK(query, 20, { seed }),
    index.logPartition(query, { tolerance: 0.1, seed }),
    index.slateLogProbability(query, [4, 40, 400]),
  ];
}

/** Writes typed arrays as lists, and numbers that JSON lacks by name. The text of a number is the same in every runtime. */
function shown(_: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

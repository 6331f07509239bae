// Measures what `encode` and a `step` of the models of the presets cost in workerd, beside Node, and writes
// bench/results/encode-in-workerd.json and the table of docs/sequence-results.md:
//
//   npm run bench:encode-in-workerd
//
// The clock of workerd stands still within a request. So a request encodes a sequence n times, and the time of another one
// that encodes it once is taken away. The shortest of several is kept.
import { SequenceEncoder } from "../src/encoder/sequence-encoder.ts";
import { PRESET_NAMES, type SequencePreset } from "../src/train/sequences/presets.ts";
import { trainSequencesWith } from "../src/train/sequences/train.ts";
import { type Cost, type EncodeCosts, encodeCostsTable, type PresetCost } from "./encode-in-workerd/table.ts";
import { build, encoderModule, load, modelKernels } from "./library.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { startWorker } from "./service/workers.ts";

const ITEMS = 10_000;
const ROUNDS = 100;
/** Microseconds that the repetitions of a measurement take at least, so that requests themselves hardly matter. */
const LEAST = 8_000;

/** The items of a sequence: as many as attention reads, and for gated units a page of them. */
const LENGTHS: Readonly<Record<SequencePreset, number>> = {
  "clicks-gru": 50,
  "clicks-attention": 200,
  "short-clicks-attention": 50,
  "sessions-gru": 50,
  "text-gru": 35,
};

const worker = await startWorker("bench/service/encode-worker.ts", {});
const results: PresetCost[] = [];
for (const preset of PRESET_NAMES) {
  const items = LENGTHS[preset];
  const file = await indexOf(preset);
  await fetch(`${worker.url}/index`, { method: "POST", body: file });
  const costs = { workerd: await inWorkerd(items), node: await inNode(file, items) };
  results.push({ preset, items, ...costs });
  console.log(JSON.stringify(results.at(-1)));
}
await worker.stop();
const written = writeResult<EncodeCosts>("encode-in-workerd", { items: ITEMS, rounds: ROUNDS, results });
replaceBetween("docs/sequence-results.md", "encode-in-workerd", encodeCostsTable(written));

/** The index of an untrained model: the time does not depend on the weights. */
async function indexOf(preset: SequencePreset): Promise<Uint8Array<ArrayBuffer>> {
  const sequences = { offsets: Uint32Array.of(0, 4), ids: Int32Array.of(0, 1, 2, 3), itemCount: ITEMS };
  const { model } = await trainSequencesWith(modelKernels(), sequences, { preset, epochs: 0 });
  const { classes, bias } = model.tables as { readonly classes: Float32Array; readonly bias: Float32Array };
  const table = { data: classes, shape: [ITEMS, model.shape.dim] as const };
  return build(table, { bias, encoder: model, rowType: "f32", bits: 3, calibrate: "off", seed: 1 });
}

async function inWorkerd(items: number): Promise<Cost> {
  const timed = async (call: string, times: number): Promise<number> => {
    const from = performance.now();
    const response = await fetch(`${worker.url}/${call}?items=${items}&times=${times}`);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`workerd answered ${response.status}`);
    return 1000 * (performance.now() - from);
  };
  /** The shortest time of a request that computes once, and of one that computes `times` times. */
  const shortest = async (call: string, times: number, rounds: number): Promise<readonly [number, number]> => {
    let [once, all] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < rounds; round++) {
      once = Math.min(once, await timed(call, 1));
      all = Math.min(all, await timed(call, times));
    }
    return [once, all];
  };
  const costOf = async (call: string): Promise<number> => {
    let times = 4;
    for (;;) {
      const [once, all] = await shortest(call, times, 5);
      if (all - once >= LEAST) break;
      times *= 4;
    }
    const [once, all] = await shortest(call, times, ROUNDS);
    return (all - once) / (times - 1);
  };
  return { encode: await costOf("encode"), step: await costOf("step") };
}

async function inNode(file: Uint8Array<ArrayBuffer>, count: number): Promise<Cost> {
  const index = await load(file);
  const encoder = new SequenceEncoder(index, encoderModule);
  const items = Array.from({ length: count }, (_, i) => i);
  const before = items.slice(1).reduce((state, item) => encoder.step(state, item).state, encoder.start());
  const costOf = (call: () => unknown): number => {
    let times = 4;
    const timed = (): number => {
      const from = performance.now();
      for (let i = 0; i < times; i++) call();
      return 1000 * (performance.now() - from);
    };
    while (timed() < LEAST) times *= 4;
    return Math.min(...Array.from({ length: ROUNDS }, timed)) / times;
  };
  const cost = { encode: costOf(() => encoder.encode(items)), step: costOf(() => encoder.step(before, 0)) };
  index.dispose();
  return cost;
}

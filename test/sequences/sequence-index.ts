import { build, trainSequences } from "../../src/train/index.ts";
import { raggedOf } from "../../src/train/model/tasks.ts";
import { walk } from "../train/model/toy.ts";

const NAMES = ["alpha", "beta", "gamma", "delta", "epsilon"];
export const DIM = 8;
const UNITS = 12;

/** The file of an index of five items with biases, a small recurrent encoder, and labels unless it has none. */
export async function sequenceIndex({ hasLabels = true } = {}): Promise<Uint8Array<ArrayBuffer>> {
  const walks = Array.from({ length: 20 }, (_, i) => walk(6 + (i % 4), i));
  const sequences = { ...raggedOf(walks), itemCount: NAMES.length };
  const { model } = await trainSequences(sequences, { dim: DIM, units: UNITS, epochs: 2, seed: 1 });
  const { classes, bias } = model.tables as { readonly classes: Float32Array; readonly bias: Float32Array };
  return build(
    { data: classes, shape: [NAMES.length, DIM] },
    {
      ...{ bias, encoder: model, seed: 1 },
      ...(hasLabels && { labels: NAMES }),
    },
  );
}

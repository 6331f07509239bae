import { build } from "../../src/train/index.ts";
import { noise } from "../cli/noise.ts";

export const ITEM_COUNT = 3000;
export const DIM = 16;

const data = noise(ITEM_COUNT * DIM, 1).map((value) => 1.6 * value);
/** The bias, which is stored as f32, as it is here. */
export const bias = noise(ITEM_COUNT, 2).map((value) => 2 * value);

/** Names that would have an effect if a page took them for markup. */
const labels = Array.from({ length: ITEM_COUNT }, (_, id) => `<b>${id}`);

/** An index with a bias and a name for each class. */
export const labelledIndex = () => build({ data, shape: [ITEM_COUNT, DIM] }, { bias, labels, bits: 5, seed: 1 });

/** An index without both. */
export const plainIndex = () => build({ data, shape: [ITEM_COUNT, DIM] }, { bits: 5, seed: 1, calibrate: "off" });

export const contexts = ["the first of three", "a second one, by the sea", "third, and last"];
export const queries = noise(contexts.length * DIM, 3).map((value) => 1.5 * value);
export const queryOf = (row: number): Float32Array => queries.slice(row * DIM, (row + 1) * DIM);

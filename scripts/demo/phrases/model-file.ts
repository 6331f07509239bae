import { floatsToHalves } from "../../../src/bytes/float16.ts";
import { serialiseHeader } from "../../../src/bytes/safetensors.ts";
import type { Model } from "../../../src/train/model/model.ts";
import { tableShapes } from "../../../src/train/model/shape.ts";

/** Vectors are rounded to multiples of this step, so that they compress to half the size of F16. */
const STEP = 1 / 32;
const ROUNDED: ReadonlySet<string> = new Set(["classes", "features"]);

/** Returns a model as safetensors of F16. */
export function modelFile({ shape, tables }: Model): Buffer {
  const specs = tableShapes(shape).map(({ name, rows, width }) => ({
    name,
    dtype: "F16" as const,
    shape: width === 1 ? [rows] : [rows, width],
  }));
  const halves = specs.map(({ name }) => {
    const table = tables[name];
    if (table === undefined) throw new Error(`the model expected a table "${name}"`);
    return floatsToHalves(ROUNDED.has(name) ? table.map((value) => STEP * Math.round(value / STEP)) : table);
  });
  const header = serialiseHeader(specs);
  return Buffer.concat([header, ...halves.map(({ buffer }) => new Uint8Array(buffer))]);
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { trainSequences } from "../../src/train/index.ts";
import { raggedOf } from "../../src/train/model/tasks.ts";
import type { SequenceOptions } from "../../src/train/sequences/options.ts";
import { midx } from "../cli/run.ts";
import { randomCodes } from "../train/rows.ts";

const ITEMS = 30;
export const PART_COUNT = 3;

/** Trains an encoder of 30 items and builds them in a folder: as one index, and in three parts with their manifest. */
export async function partedItems(
  folder: string,
  options: SequenceOptions,
): Promise<{ readonly one: string; readonly parts: string; readonly manifest: string }> {
  const at = (name: string): string => join(folder, name);
  const [model, labels, one, parts] = [at("model.safetensors"), at("items.txt"), at("one.midx"), at("parts")];
  const rows = Array.from({ length: 20 }, (_, row) => randomCodes(3 + (row % 4), ITEMS, row + 1));
  const onEpoch = (_: unknown, checkpoint: () => Uint8Array) => writeFileSync(model, checkpoint());
  await trainSequences({ ...raggedOf(rows), itemCount: ITEMS }, { dim: 8, epochs: 1, seed: 1, ...options, onEpoch });
  writeFileSync(labels, Array.from({ length: ITEMS }, (_, i) => `item-${i}\n`).join(""));
  const tensors = ["--tensor", "classes", "--bias", "bias", "--labels", labels, "--encoder", model];
  const argv = ["build", model, ...tensors, "--row-type", "f32", "--calibrate", "off"];
  for (const output of [[one], [parts, "--parts", String(PART_COUNT)]]) {
    const { code, stderr } = await midx([...argv, "-o", ...output]);
    if (code !== 0) throw new Error(stderr);
  }
  return { one, parts, manifest: join(parts, "manifest.json") };
}

import type { SequencePreset } from "../../src/train/sequences/presets.ts";
import { table } from "../page.ts";

/** The contents of bench/results/encode-in-workerd.json. */
export interface EncodeCosts {
  /** The number of classes. */
  readonly items: number;
  readonly rounds: number;
  readonly results: readonly PresetCost[];
}

/** What the model of a preset costs for a sequence of so many items. */
export interface PresetCost {
  readonly preset: SequencePreset;
  readonly items: number;
  readonly workerd: Cost;
  readonly node: Cost;
}

/** Microseconds. */
export interface Cost {
  readonly encode: number;
  readonly step: number;
}

/** Returns the times of the presets' models, as Markdown. */
export const encodeCostsTable = ({ results }: EncodeCosts): string =>
  table(
    ["preset", "items", "`encode` in workerd", "in Node", "the last `step` in workerd", "in Node"],
    1,
    results.map(({ preset, items, workerd, node }) => [
      preset,
      String(items),
      ...[workerd.encode, node.encode, workerd.step, node.step].map((time) => time.toFixed(time < 10 ? 1 : 0)),
    ]),
  );

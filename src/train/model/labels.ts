import { FormatError } from "../../bytes/format-error.ts";
import { quoteName } from "../../bytes/strict-json.ts";
import { encodeLabels } from "../build/encode-labels.ts";
import type { ModelShape } from "./shape.ts";

/** The names of a model's classes and of its features, which a checkpoint keeps for the index that is built from it. */
export interface ModelLabels {
  /** The label of each class, all different. */
  readonly labels?: readonly string[];
  /** The name of each feature, all different. */
  readonly featureLabels?: readonly string[];
}

/** The lists in the order of their tensors, with the number of the model that each has one name for. */
export const LABEL_COUNTS = { labels: "classCount", featureLabels: "featureCount" } as const;
export type LabelsName = keyof typeof LABEL_COUNTS;
export const LABELS = Object.keys(LABEL_COUNTS) as LabelsName[];

/**
 * Returns the names that the checkpoints of a training get: those of the options, and those of the checkpoint that is resumed.
 *
 * @throws TypeError or RangeError that names the option, also for other names than those in the checkpoint
 */
export function labelsOf(options: ModelLabels, shape: ModelShape, resumed: ModelLabels | undefined): ModelLabels {
  for (const option of LABELS) {
    const given = options[option];
    if (given === undefined) continue;
    encodeLabels(given, shape[LABEL_COUNTS[option]], option);
    checkSame(option, given, resumed?.[option]);
  }
  const { labels = resumed?.labels, featureLabels = resumed?.featureLabels } = options;
  return { ...(labels && { labels }), ...(featureLabels && { featureLabels }) };
}

function checkSame(option: LabelsName, given: readonly string[], before: readonly string[] = given): void {
  const at = given.findIndex((label, i) => label !== before[i]);
  if (at < 0) return;
  const [expected, got] = [before[at], given[at]].map((label) => quoteName(label as string));
  throw new RangeError(
    `"${option}"[${at}] expected ${expected}, as in the checkpoint that is resumed, got ${got}: pass the data of that training`,
  );
}

/** Writes names as a tensor of bytes has them: UTF-8 of a JSON array without white space. */
export const labelsText = (labels: readonly string[]): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(labels));

/** Reads the tensor `name` at byte `at` of a checkpoint, with a name for each of `count` classes. FormatError: tensor-value. */
export function readLabelsText(name: LabelsName, bytes: Uint8Array, at: number, count: number): readonly string[] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const labels: readonly string[] = JSON.parse(text);
    encodeLabels(labels, count, name);
    if (JSON.stringify(labels) === text) return labels;
  } catch {
    // It is no such list.
  }
  throw new FormatError(
    "tensor-value",
    at,
    `tensor "${name}" expected a JSON array of ${count} different texts, without white space`,
  );
}

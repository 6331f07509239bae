import type { Prediction } from "../../src/index.ts";
import type { ServedPrediction } from "../server.ts";

const FIELDS = [
  ...["ids", "scores", "probabilities", "exact", "logPartition"],
  ...["standardError", "effectiveSampleSize", "lowEss", "scored"],
] as const;

/**
 * Whether the server's answer and the browser's are the same to the last bit. JSON writes a number with the digits that
 * give it back, and null for what is not finite, in both.
 */
export function sameBits(served: ServedPrediction, here: Prediction): boolean {
  const plain = JSON.parse(JSON.stringify(here, toJson)) as Record<string, unknown>;
  const answer = served as unknown as Record<string, unknown>;
  return FIELDS.every((field) => JSON.stringify(answer[field]) === JSON.stringify(plain[field]));
}

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
}

import type { Prediction } from "../../src/index.ts";
import type { ServedPrediction } from "../server.ts";

const FIELDS = [
  ...["ids", "scores", "probabilities", "exact", "logPartition"],
  ...["standardError", "effectiveSampleSize", "lowEss", "scored"],
] as const;

/**
 * Returns whether the answers of the server and of the browser are equal, bit for bit. In both, JSON writes enough digits to
 * restore a number, and null for a number that is not finite.
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

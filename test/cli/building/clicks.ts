import { walk } from "../../train/model/toy.ts";
import { writeInput } from "../files.ts";

const lines = Array.from(
  { length: 60 },
  (_, i) => `${JSON.stringify({ items: Array.from(walk(8 + (i % 5), i), String) })}\n`,
);
/** A file of sequences of clicks, which a small encoder learns. */
export const clicks = (): string => writeInput("clicks.jsonl", lines.join(""));

import { ENCODER, readEncoder, weightTensors } from "../format/encoder.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import { openedOf } from "../parts/opened-of.ts";
import { weightsOf } from "./weights.ts";

/**
 * Writes the encoder of a part of an index for a router: a line of JSON and the weights, f32, in the order of the file. Undefined
 * without an encoder, and for one whose items have vectors of their own: a router reads the rows of the classes.
 */
export function encoderMessage(index: MultiIndex): Uint8Array<ArrayBuffer> | undefined {
  const opened = openedOf(index);
  const facts = readEncoder(opened.header.facts);
  if (facts?.items !== "rows") return undefined;
  const { dim } = opened.header.facts;
  const { weightOf } = weightsOf(opened, facts);
  const weights = weightTensors(facts, dim).map(({ name }) => weightOf(name.slice(ENCODER.length + 1)));
  const line = new TextEncoder().encode(`${JSON.stringify({ dim, facts })}\n`);
  const length = weights.reduce((sum, { byteLength }) => sum + byteLength, line.length);
  const message = new Uint8Array(length);
  message.set(line);
  let at = line.length;
  for (const { buffer, byteOffset, byteLength } of weights) {
    message.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return message;
}

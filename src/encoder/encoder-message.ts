import { joinedBytes } from "../bytes/joined-bytes.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import { openedOf } from "../parts/opened-of.ts";

/** The name of the section, which is in format/encoder.ts: a part does not carry the code that reads it. */
const ENCODER = "encoder";

/**
 * Writes the encoder of a part of an index for a router: a line of JSON with its section, and the weights, f32, in the order of
 * the file. Undefined without an encoder, and for one whose items have vectors of their own: a router reads the rows.
 */
export function encoderMessage(index: MultiIndex): Uint8Array<ArrayBuffer> | undefined {
  const { header, kernels, plan } = openedOf(index);
  const { dim, itemCount, ignored = [] } = header.facts;
  const section = ignored.find(({ name }) => name === ENCODER);
  if (!section || section.tensors.some(({ name }) => name === `${ENCODER}.itemVectors`)) return undefined;
  const line = new TextEncoder().encode(`${JSON.stringify({ dim, itemCount, ignored: [section] })}\n`);
  const places = section.tensors.flatMap(({ name }) => header.tensors[name] ?? []);
  const weights = places.map(({ begin, end }) => new Uint8Array(kernels.memory.buffer, plan.file + begin, end - begin));
  return joinedBytes([line, ...weights]);
}

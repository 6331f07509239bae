import { checkArray, isTypedArray, shown } from "../checks/check.ts";
import { MessageReader, MessageWriter } from "./message-bytes.ts";
import type { QuestionCall } from "./question.ts";

/** The first bytes of every message. */
const MAGIC = 0x7870696d; // "mipx"
/** The version of messages. Other versions are refused, so both ends of a connection need one. */
export const MESSAGE_VERSION = 3;
/** The kinds of messages, as their fourth field says. */
export const QUESTION = 1;
export const ANSWER = 2;

/** The calls as messages number them. */
const CALLS = [
  "topK",
  "predict",
  "logPartition",
  "logProbability",
  "sample",
  "sampleTopK",
  "score",
  "logQ",
  "slateLogProbability",
  "classes",
  "decode",
] as const satisfies readonly QuestionCall[];

/** Begins a message. */
export function beginMessage(kind: number, call: QuestionCall): MessageWriter {
  const code = CALLS.indexOf(call);
  if (code < 0) throw new RangeError(`"call" expected ${CALLS.join(", ")}, got ${shown(call)}`);
  const writer = new MessageWriter();
  writer.integer(MAGIC);
  for (const value of [MESSAGE_VERSION, kind, code]) writer.byte(value);
  return writer;
}

/** Reads the beginning of a message. */
export function openMessage(
  bytes: Uint8Array,
  kind: number,
): { readonly reader: MessageReader; readonly call: QuestionCall } {
  checkArray("message", bytes, "bytes", "a Uint8Array");
  if (!isTypedArray(bytes, "Uint8Array")) throw new TypeError(`"message" expected a Uint8Array, got ${shown(bytes)}`);
  const reader = new MessageReader(bytes);
  const magic = reader.integer("message", 2 ** 32 - 1);
  if (magic !== MAGIC) reader.refuse("message", 'the bytes "mipx" first', `0x${magic.toString(16)}`);
  const version = reader.byte("version");
  if (version !== MESSAGE_VERSION) {
    reader.refuse("version", `${MESSAGE_VERSION}, which this midx has`, version);
  }
  const found = reader.byte("kind");
  if (found !== kind) reader.refuse("kind", kind === QUESTION ? "a question (1)" : "an answer (2)", found);
  return { reader, call: CALLS[reader.byte("call", CALLS.length - 1)] as QuestionCall };
}

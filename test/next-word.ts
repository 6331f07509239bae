import { readFileSync } from "node:fs";
import { halvesToFloats } from "../src/bytes/float16.ts";
import { parseHeader } from "../src/bytes/safetensors.ts";

export const folder = new URL("../examples/next-word/", import.meta.url);

/** The tensor's shape and its own bytes. */
export function tensorOf(file: string, name: string) {
  const bytes = readFileSync(new URL(file, folder));
  const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
  const tensor = tensors.find((candidate) => candidate.name === name);
  if (tensor === undefined) throw new Error(`${file} has no ${name}`);
  const { begin, end, shape, dtype } = tensor;
  return { dtype, shape, buffer: Uint8Array.from(bytes.subarray(byteLength + begin, byteLength + end)).buffer };
}

export const halves = (file: string, name: string) => halvesToFloats(new Uint16Array(tensorOf(file, name).buffer));

import { writeFileSync } from "node:fs";
import { endianness } from "node:os";

export interface PageExamples {
  /** The page's name for each query. */
  readonly contexts: readonly string[];
  readonly queries: readonly Float32Array[];
}

/** Writes examples.json and queries.f32 (n × dim, little-endian) into the folder of the page, which offers them. */
export function writeExamples(folder: string, { contexts, queries }: PageExamples): void {
  if (endianness() !== "LE") throw new Error("queries.f32 is little-endian, this machine isn't");
  if (contexts.length !== queries.length) {
    throw new RangeError(`"contexts" expected ${queries.length}, got ${contexts.length}`);
  }
  writeFileSync(`${folder}/examples.json`, JSON.stringify({ contexts, queries: "queries.f32" }));
  writeFileSync(`${folder}/queries.f32`, Buffer.concat(queries.map(bytesOf)));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

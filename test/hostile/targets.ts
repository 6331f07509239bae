import { dtypeBytes } from "../../src/bytes/dtype.ts";
import { FormatError } from "../../src/bytes/format-error.ts";
import { parseHeader } from "../../src/bytes/safetensors.ts";
import type { IndexFacts } from "../../src/format/facts.ts";
import {
  headerLength,
  type IndexHeader,
  MAX_HEADER_BYTES,
  parse,
  serialiseIndexHeader,
} from "../../src/format/header.ts";
import { tensorTable } from "../../src/format/tensors.ts";
import { DEFAULT_LIMITS } from "../../src/memory/load-options.ts";
import { planMemory } from "../../src/memory/plan.ts";
import { xxh64 } from "../fixtures/index-file.ts";
import { editedFile } from "./edits.ts";
import { judge, type Verdict } from "./judge.ts";
import { reseal } from "./reseal.ts";

// The fuzzing targets (fuzz/), replayed from their corpora by corpus.test.ts. Both throw if the library breaks its
// contract.

/** The number of queries for a mutant: enough to reach every method under both sets of limits. */
const QUERIES = 4;

/** Loads a mutant of a small file and queries it. `program` is one of edits.ts. */
export const fuzzLoad = (program: Uint8Array): Promise<Verdict> => judge(editedFile(program), QUERIES);

/** Reads `json`, whatever it is, as the header of a file, with its checksum as it is and corrected. */
export function fuzzHeader(json: Uint8Array): Verdict {
  const header = new Uint8Array(8 + json.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(json.length), true);
  header.set(json, 8);
  const raw = verdictOn(header);
  const sealed = verdictOn(reseal(header));
  return sealed === "harmless" ? sealed : raw;
}

function verdictOn(header: Uint8Array<ArrayBuffer>): Verdict {
  try {
    const container = parseHeader(header, undefined);
    let next = 0;
    for (const { shape, dtype, begin, end } of container.tensors) {
      const bytes = shape.reduce((product, size) => product * size, dtypeBytes(dtype));
      if (begin !== next || end - begin !== bytes) throw new Error(`a tensor of ${bytes} bytes at ${begin}..${end}`);
      next = end;
    }
    if (headerLength(header, undefined) !== header.length || header.length > MAX_HEADER_BYTES) {
      throw new Error(`a header of ${header.length} bytes`);
    }
    checkAccepted(header, parse(header, undefined, xxh64));
    return "harmless";
  } catch (error) {
    if (error instanceof FormatError) {
      if (!(Number.isInteger(error.offset) && error.offset >= 0))
        throw new Error(`offset ${error.offset} of ${error.code}`);
      return error.code;
    }
    throw error;
  }
}

/** Checks everything that the rest of the library takes for granted in a header. */
function checkAccepted(
  header: Uint8Array,
  { facts, tensors, checksums, headerBytes, fileBytes, ...parsed }: IndexHeader,
): void {
  let end = headerBytes;
  for (const { name } of tensorTable(facts)) {
    const place = tensors[name];
    if (place?.begin !== end || place.end < end || end % 16 !== 0)
      throw new Error(`${name} lies at ${place?.begin}, not ${end}`);
    end = place.end;
  }
  if (end !== fileBytes || !Number.isSafeInteger(end))
    throw new Error(`a file of ${fileBytes} bytes, tensors to ${end}`);
  checkPlan(facts, fileBytes);
  if (parsed.formatVersion !== "2.0") return;
  const written = serialiseIndexHeader(facts, checksums, xxh64);
  if (Buffer.compare(written, header) !== 0) throw new Error("a header that is not the only one of its facts");
}

/** Checks that the regions lie behind the file, in the memory, one after the other, or that the plan is refused. */
function checkPlan(facts: IndexFacts, fileBytes: number): void {
  let plan: ReturnType<typeof planMemory>;
  try {
    plan = planMemory({ facts, fileBytes }, DEFAULT_LIMITS, 4096);
  } catch (error) {
    if (error instanceof RangeError && error.message.includes("(maxBytes)")) return;
    throw error;
  }
  for (const [name, address] of Object.entries(plan.regions)) {
    if (address % 16 !== 0 || address < plan.file + fileBytes || address > plan.totalBytes) {
      throw new Error(
        `${name} lies at ${address}, the file ends at ${plan.file + fileBytes}, the memory at ${plan.totalBytes}`,
      );
    }
  }
}

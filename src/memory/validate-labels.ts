import { FormatError } from "../bytes/format-error.ts";
import { strictDecoder } from "../bytes/strict-decoder.ts";
import type { IndexHeader, TensorPlace } from "../format/header.ts";
import type { LabelPrefix } from "../format/tensor-spec.ts";
import { compareLabels, type LabelTable, labelBytes, labelTable } from "./labels.ts";
import type { MemoryPlan } from "./plan.ts";

/** The number of bytes that are decoded at a time. */
const CHUNK = 65536;

/**
 * Checks that labels are UTF-8, one for each class or feature, and all different. FormatError: label-offsets,
 * label-text, label-order.
 */
export function validateLabels(
  buffer: ArrayBufferLike,
  header: IndexHeader,
  plan: MemoryPlan,
  prefix: LabelPrefix,
): void {
  checkLabelTable(labelTable(buffer, header, plan, prefix), (code, part, byte, message) => {
    const name = `${prefix}${part}` as const;
    throw new FormatError(code, (header.tensors[name] as TensorPlace).begin + byte, `"${name}" ${message}`);
  });
}

/** Throws by `fail`, which names the part of the table, for a table of labels that is none. */
export function checkLabelTable(
  table: LabelTable,
  fail: (code: string, part: "Offsets" | "Order" | "Text", byte: number, message: string) => never,
): void {
  const offset = firstWrongOffset(table);
  if (offset >= 0) {
    const expected = `expected offsets from 0 that never fall, up to ${table.text.length}`;
    fail("label-offsets", "Offsets", offset * 4, `[${offset}] ${expected}`);
  }
  const wrong = firstWrongText(table);
  if (wrong >= 0) fail("label-text", "Text", table.offsets[wrong] as number, `of row ${wrong} is not UTF-8`);
  const entry = firstUnordered(table);
  if (entry >= 0) {
    fail("label-order", "Order", entry * 4, `[${entry}] expected the row of the next label, byte by byte`);
  }
}

function firstWrongOffset({ offsets, text }: LabelTable): number {
  let before = 0;
  for (const [i, offset] of offsets.entries()) {
    const isWrong = i === 0 ? offset !== 0 : offset < before || offset > text.length;
    if (isWrong || (i === offsets.length - 1 && offset !== text.length)) return i;
    before = offset;
  }
  return -1;
}

/**
 * Returns the first class whose label is not UTF-8, or −1: the text must be UTF-8, and no label may begin inside a
 * character.
 */
function firstWrongText(table: LabelTable): number {
  const { offsets, text } = table;
  const begins = offsets.every((offset) => ((text[offset] ?? 0) & 0xc0) !== 0x80);
  if (begins && isUtf8(text)) return -1;
  for (let id = 0; id < offsets.length - 1; id++) if (!isUtf8(labelBytes(table, id))) return id;
  return -1;
}

function isUtf8(bytes: Uint8Array): boolean {
  const decoder = strictDecoder();
  try {
    for (let start = 0; start < bytes.length; start += CHUNK) {
      decoder.decode(bytes.slice(start, start + CHUNK), { stream: true }); // browsers decode no shared memory
    }
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

/** Returns the first class that is out of order, or −1. Labels that ascend strictly are all different. */
function firstUnordered(table: LabelTable): number {
  const { order } = table;
  for (const [i, id] of order.entries()) {
    if (id < 0 || id >= order.length) return i;
    if (i > 0 && compareLabels(table, order[i - 1] as number, id) >= 0) return i;
  }
  return -1;
}

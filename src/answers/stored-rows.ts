import { halvesToFloats } from "../bytes/float16.ts";
import type { TensorPlace } from "../format/header.ts";
import { rowBytes } from "../format/tensors.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { positionsOf } from "./by-class.ts";

/** Returns the stored rows of classes as f32, end to end. int8 rows are their codes times their scale. */
export function storedRows(opened: OpenedIndex, ids: Int32Array): Float32Array<ArrayBuffer> {
  opened.delta?.refuseRemoved(ids);
  const { kernels, header, plan } = opened;
  const { buffer } = kernels.memory;
  const { dim, rows: type } = header.facts;
  const at = ({ begin }: TensorPlace): number => plan.file + begin;
  const { rows: rowsPlace, rowScales } = header.tensors;
  const begin = at(rowsPlace as TensorPlace);
  const scales = rowScales && new Float32Array(buffer, at(rowScales), header.facts.itemCount);
  const values = new Float32Array(ids.length * dim);
  for (const [i, position] of positionsOf(opened, ids).entries()) {
    const address = begin + position * rowBytes(header.facts);
    const row = values.subarray(i * dim, (i + 1) * dim);
    if (type === "f32") row.set(new Float32Array(buffer, address, dim));
    else if (type === "f16") halvesToFloats(new Uint16Array(buffer, address, dim), row);
    else scaleCodes(new Int8Array(buffer, address, dim), scales?.[position] as number, row);
  }
  return values;
}

/** Returns the codes of int8 rows of classes, end to end. Undefined for rows of another type, which have none. */
export function storedCodes(opened: OpenedIndex, ids: Int32Array): Int8Array<ArrayBuffer> | undefined {
  opened.delta?.refuseRemoved(ids);
  const { kernels, header, plan } = opened;
  const { dim, rows: type } = header.facts;
  if (type !== "i8") return undefined;
  const begin = plan.file + (header.tensors.rows as TensorPlace).begin;
  const codes = new Int8Array(ids.length * dim);
  const stride = rowBytes(header.facts);
  const positions = positionsOf(opened, ids);
  for (const [i, position] of positions.entries()) {
    codes.set(new Int8Array(kernels.memory.buffer, begin + position * stride, dim), i * dim);
  }
  return codes;
}

/** The multiplication in f64 is exact, so each value is rounded to f32 once. */
function scaleCodes(codes: Int8Array, scale: number, row: Float32Array): void {
  for (let i = 0; i < row.length; i++) row[i] = (codes[i] as number) * scale;
}

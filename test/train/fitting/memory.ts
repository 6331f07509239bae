import type { TrainKernels } from "../../../src/train/runtime/kernels.ts";

type Region = Float32Array | Float64Array | Int32Array | Uint16Array | Uint8Array;

/** Space for the structs of a test, before its arrays. */
const STRUCT_BYTES = 256;
const STRUCTS = 8;
const arraysAt = (kernels: TrainKernels): number => kernels.heapBase() + STRUCTS * STRUCT_BYTES;

/** Writes struct number `index` of a test, with integers and f64 by the offsets of their fields, and returns its address. */
export function struct(
  kernels: TrainKernels,
  index: number,
  integers: Readonly<Record<number, number>>,
  doubles: Readonly<Record<number, number>> = {},
): number {
  const address = kernels.heapBase() + index * STRUCT_BYTES;
  const view = new DataView(kernels.memory.buffer, address, STRUCT_BYTES);
  for (const [offset, value] of Object.entries(integers)) view.setUint32(Number(offset), value, true);
  for (const [offset, value] of Object.entries(doubles)) view.setFloat64(Number(offset), value, true);
  return address;
}

/** Copies arrays into an instance's memory and returns their addresses. The last array ends where the memory ends. */
export function place<const Regions extends readonly Region[]>(
  kernels: TrainKernels,
  ...regions: Regions
): { readonly [Name in keyof Regions]: number } {
  const size = regions.reduce((bytes, region) => bytes + region.byteLength + 16, 0);
  const missing = arraysAt(kernels) + size - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / 65536));
  let top = arraysAt(kernels);
  const addresses = regions.map((region, i) => {
    const bytes = new Uint8Array(kernels.memory.buffer);
    const address = i === regions.length - 1 ? bytes.length - region.byteLength : top;
    top += Math.ceil(region.byteLength / 16) * 16;
    bytes.set(new Uint8Array(region.buffer, region.byteOffset, region.byteLength), address);
    return address;
  });
  return addresses as unknown as { readonly [Name in keyof Regions]: number };
}

export const f32At = (kernels: TrainKernels, address: number, length: number): Float32Array =>
  new Float32Array(kernels.memory.buffer.slice(address, address + length * 4));
export const f64At = (kernels: TrainKernels, address: number, length: number): Float64Array =>
  new Float64Array(kernels.memory.buffer.slice(address, address + length * 8));

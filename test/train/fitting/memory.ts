import type { TrainKernels } from "../../../src/train/runtime/kernels.ts";

type Region = Float32Array | Float64Array | Int32Array | Uint16Array | Uint8Array;

/** Copies arrays into an instance's memory, the last so that it ends where the memory does; returns their addresses. */
export function place<const Regions extends readonly Region[]>(
  kernels: TrainKernels,
  ...regions: Regions
): { readonly [Name in keyof Regions]: number } {
  const size = regions.reduce((bytes, region) => bytes + region.byteLength + 16, 0);
  const missing = kernels.heapBase() + size - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / 65536));
  let top = kernels.heapBase();
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

import { LIMIT_EXPONENT } from "../abi.ts";
import { FormatError } from "../bytes/format-error.ts";
import type { IndexHeader, TensorPlace } from "../format/header.ts";
import type { TensorName } from "../format/tensor-spec.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";

const LIMIT = 2 ** LIMIT_EXPONENT;
const FINITE = "expected a finite value of magnitude at most 2^40";

/** Checks of single tensors in memory. Each throws a FormatError with the offset of the first byte at fault. */
export class TensorChecks {
  readonly kernels: Kernels;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;

  constructor(kernels: Kernels, header: IndexHeader, plan: MemoryPlan) {
    this.kernels = kernels;
    this.header = header;
    this.plan = plan;
  }

  /** Where a tensor that the file has lies in it. */
  place(name: TensorName): TensorPlace {
    return this.header.tensors[name] as TensorPlace;
  }

  address(name: TensorName): number {
    return this.plan.file + this.place(name).begin;
  }

  bytes(name: TensorName): Uint8Array {
    const { begin, end } = this.place(name);
    return new Uint8Array(this.kernels.memory.buffer, this.plan.file + begin, end - begin);
  }

  fail(code: string, name: TensorName, byte: number, message: string): never {
    throw new FormatError(code, this.place(name).begin + byte, `"${name}" ${message}`);
  }

  /** Fails where `index`, as kernels report the first value at fault, is not -1. */
  value(code: string, name: TensorName, index: number, valueBytes: number, message: string): void {
    if (index >= 0) this.fail(code, name, index * valueBytes, `[${index}] ${message}`);
  }

  /** Each row has zeros from its first unused byte on. */
  padding(name: TensorName, rows: number, rowBytes: number, usedBytes: number): void {
    const row = this.kernels.firstUnpadded(this.address(name), rows, rowBytes, usedBytes);
    if (row >= 0) this.fail("tensor-padding", name, row * rowBytes + usedBytes, `row ${row} is not padded with zeros`);
  }

  /** The first `count` f32 are finite and within the limit of magnitudes. */
  finite(name: TensorName, count: number): void {
    this.within(name, count, -LIMIT, FINITE);
  }

  /** The first `count` f32 are at least `low` and within the limit of magnitudes. */
  within(name: TensorName, count: number, low: number, message: string): void {
    this.value("tensor-value", name, this.kernels.firstOutsideF32(this.address(name), count, low, LIMIT), 4, message);
  }
}

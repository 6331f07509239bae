import { LIMIT_EXPONENT } from "../abi.ts";
import { FormatError } from "../bytes/format-error.ts";
import type { IndexHeader, TensorPlace } from "../format/header.ts";
import type { TensorName } from "../format/tensor-spec.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";

const LIMIT = 2 ** LIMIT_EXPONENT;
const FINITE = "expected a finite value of magnitude at most 2^40";

/** Checks single tensors in memory. Each check throws a FormatError with the offset of the first wrong byte. */
export class TensorChecks {
  readonly kernels: Kernels;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;

  constructor(kernels: Kernels, header: IndexHeader, plan: MemoryPlan) {
    this.kernels = kernels;
    this.header = header;
    this.plan = plan;
  }

  /** Returns the place of a tensor, which the file must have. */
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

  /** Throws unless `index` is -1. Kernels report the index of the first wrong value. */
  value(code: string, name: TensorName, index: number, valueBytes: number, message: string): void {
    if (index >= 0) this.fail(code, name, index * valueBytes, `[${index}] ${message}`);
  }

  /** Checks that each row has zeros from its first unused byte on. */
  padding(name: TensorName, rows: number, rowBytes: number, usedBytes: number): void {
    const row = this.kernels.firstUnpadded(this.address(name), rows, rowBytes, usedBytes);
    if (row >= 0) this.fail("tensor-padding", name, row * rowBytes + usedBytes, `row ${row} is not padded with zeros`);
  }

  /** Checks rows of int8 codes, one of each class. */
  codes(name: "rows" | "residuals.rows"): void {
    const { dim, itemCount } = this.header.facts;
    const bytes = this.bytes(name);
    this.padding(name, itemCount, bytes.length / Math.max(itemCount, 1), dim);
    // -128 would break the bound of the integer inner products (assembly/query.ts). The check takes 15 ms for 64 MB
    // without a kernel.
    const codes = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.value("tensor-value", name, codes.indexOf(-128), 1, "expected a value in -127..127");
  }

  /** Checks that the first `count` f32 are finite and within the limit of magnitudes. */
  finite(name: TensorName, count: number): void {
    this.within(name, count, -LIMIT, FINITE);
  }

  /** Checks that the first `count` f32 lie in low … high. `high` is by default the limit of magnitudes. */
  within(name: TensorName, count: number, low: number, message: string, high: number = LIMIT): void {
    this.value("tensor-value", name, this.kernels.firstOutsideF32(this.address(name), count, low, high), 4, message);
  }
}

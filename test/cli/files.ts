import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { type Dtype, serialiseHeader } from "../../src/bytes/safetensors.ts";

/** Makes an empty folder that is removed after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "midx-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes an empty folder and lets this test's temporary files go there, where those of other processes are not. */
export function makeTemporaryFolder(): string {
  const folder = makeFolder();
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

/** Writes a file with these bytes to a new folder. */
export function writeInput(name: string, ...parts: (Uint8Array | string)[]): string {
  const path = join(makeFolder(), name);
  writeFileSync(
    path,
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part))),
  );
  return path;
}

export const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

export const floats = (...values: number[]): Uint8Array => bytesOf(Float32Array.from(values));

/** Returns an .npy file as NumPy writes it, with any literal as its header. */
export function npyBytes(literal: string, data: Uint8Array, version: 1 | 2 | 3 = 1): Uint8Array {
  const text = `${literal}${" ".repeat(63 - ((literal.length + 12) % 64))}\n`;
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  return Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from("NUMPY"),
    Buffer.from([version, 0]),
    length,
    Buffer.from(text),
    data,
  ]);
}

export const npyLiteral = (descr: string, shape: string): string =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;

export interface Tensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

export const safetensorsBytes = (tensors: readonly Tensor[]): Uint8Array =>
  Buffer.concat([serialiseHeader(tensors), ...tensors.map(({ data }) => bytesOf(data))]);

// The files of the benchmark: caches, and indexes while they are measured.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const folder = `${tmpdir()}/midx-bench`;
let scratched = 0;

/** Returns the bytes kept under this name if there are `bytes` of them. Otherwise it computes them and keeps them. */
export function cached(name: string, bytes: number, compute: () => Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const path = `${folder}/${name}`;
  if (existsSync(path)) {
    const kept = new Uint8Array(readFileSync(path));
    if (kept.length === bytes) return kept;
  }
  const values = compute();
  mkdirSync(folder, { recursive: true });
  // The file is written at once, since another benchmark may run beside this one.
  writeFileSync(`${path}.${process.pid}`, values);
  renameSync(`${path}.${process.pid}`, path);
  return values;
}

/** Returns the place of a native program, or of what it is compiled from. */
export const nativePath = (name: string): string => `${folder}/native/${name}`;

/** Returns a path that no other call gets. Whoever writes there removes the file. */
export function scratchPath(): string {
  mkdirSync(folder, { recursive: true });
  return `${folder}/${process.pid}-${scratched++}.index`;
}

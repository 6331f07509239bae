// Files of the bench: caches, and indices while they are measured.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const folder = `${tmpdir()}/midx-bench`;
let scratched = 0;

/** The bytes kept under this name, if they are `bytes` long, or computed ones, which it keeps. */
export function cached(name: string, bytes: number, compute: () => Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const path = `${folder}/${name}`;
  if (existsSync(path)) {
    const kept = new Uint8Array(readFileSync(path));
    if (kept.length === bytes) return kept;
  }
  const values = compute();
  mkdirSync(folder, { recursive: true });
  // Whole or not at all: another bench may run beside this one.
  writeFileSync(`${path}.${process.pid}`, values);
  renameSync(`${path}.${process.pid}`, path);
  return values;
}

/** A path that no other call gets; whoever writes there removes it. */
export function scratchPath(): string {
  mkdirSync(folder, { recursive: true });
  return `${folder}/${process.pid}-${scratched++}.index`;
}

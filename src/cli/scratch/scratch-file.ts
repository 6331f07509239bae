import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { temporaryPath } from "../process/temporary-files.ts";

/** An unlinked file, which disappears when it is closed or the process ends. */
export interface ScratchFile {
  readonly fd: number;
  write(position: number, bytes: Uint8Array): void;
  /** Fills `bytes`. They must have been written before. */
  read(position: number, bytes: Uint8Array): void;
  close(): void;
}

export function openScratch(folder: string): ScratchFile {
  const path = temporaryPath(join(folder, "scratch"));
  const fd = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return scratchOf(fd);
}

/** Returns the scratch file with an open descriptor. */
export const scratchOf = (fd: number): ScratchFile => ({
  fd,
  write: (position, bytes) => writeAll(fd, position, bytes),
  read: (position, bytes) => readAll(fd, position, bytes),
  close: () => closeSync(fd),
});

/** Writes all bytes at `position`. The system may write fewer at a time. */
export function writeAll(fd: number, position: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at, bytes.byteLength - at, position + at);
}

/** Fills `bytes` from `position` on. Throws an Error if the file ends before. */
export function readAll(fd: number, position: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) {
    const count = readSync(fd, bytes, at, bytes.byteLength - at, position + at);
    if (count === 0) throw new Error(`a scratch file ends too early, at byte ${position + at}`);
    at += count;
  }
}

import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { temporaryPath } from "../process/temporary-files.ts";

/** A file without a name, gone when it is closed or the process ends, however it ends. */
export interface ScratchFile {
  readonly fd: number;
  write(position: number, bytes: Uint8Array): void;
  /** Fills `bytes`, all of which have been written. */
  read(position: number, bytes: Uint8Array): void;
  close(): void;
}

export function openScratch(folder: string): ScratchFile {
  const path = temporaryPath(join(folder, "scratch"));
  const fd = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return scratchOf(fd);
}

/** A scratch file that is open. */
export const scratchOf = (fd: number): ScratchFile => ({
  fd,
  write: (position, bytes) => writeAll(fd, position, bytes),
  read: (position, bytes) => readAll(fd, position, bytes),
  close: () => closeSync(fd),
});

/** Writes all bytes at `position`: the system may take fewer at a time. */
export function writeAll(fd: number, position: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at, bytes.byteLength - at, position + at);
}

/** Fills `bytes` from `position` on. Error where the file ends before. */
export function readAll(fd: number, position: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) {
    const count = readSync(fd, bytes, at, bytes.byteLength - at, position + at);
    if (count === 0) throw new Error(`a file that was written ends at ${position + at}`);
    at += count;
  }
}

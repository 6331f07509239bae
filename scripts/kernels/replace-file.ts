import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces a file atomically: concurrent readers and writers always see one complete content. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const written = `${path}.${randomUUID()}.tmp`;
  try {
    writeFileSync(written, content);
    renameSync(written, path);
  } finally {
    rmSync(written, { force: true });
  }
}

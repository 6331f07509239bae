import { open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryPath } from "../process/temporary-files.ts";
import { type OpenedFile, openedFile } from "./input-file.ts";

/** The name that stands for standard input where a file could be named. */
export const STANDARD_INPUT = "-";
/** The name that messages use for it. */
const NAME = "standard input";

/** `check` sees the file when it has so many bytes, and again whenever it has sixteen times as many. */
const FIRST_CHECK = 2 ** 16;
const NEXT_CHECK = 16;

/**
 * All that a stream gives, as a file that can be read anywhere: one without a name, gone when it is closed. The stream may
 * never end, so `check` is shown the file as it grows, and what it throws ends the reading.
 */
export async function openStandardInput(
  stream: AsyncIterable<Uint8Array>,
  check: (begun: OpenedFile) => Promise<void>,
): Promise<OpenedFile> {
  const path = temporaryPath(join(tmpdir(), "standard-input"));
  const handle = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
    let byteLength = 0;
    let checkedNext = FIRST_CHECK;
    for await (const piece of stream) {
      for (let at = 0; at < piece.byteLength; ) {
        const { bytesWritten } = await handle.write(piece, at, piece.byteLength - at, byteLength);
        at += bytesWritten;
        byteLength += bytesWritten;
      }
      if (byteLength < checkedNext) continue;
      checkedNext = byteLength * NEXT_CHECK;
      await check(openedFile(handle, NAME, byteLength));
    }
    return openedFile(handle, NAME, byteLength);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inTemporaryFolder, placing } from "../process/placing.ts";
import { temporaryPath } from "../process/temporary-files.ts";
import { type OpenedFile, openedFile } from "./input-file.ts";

/** The path that stands for standard input. */
export const STANDARD_INPUT = "-";
/** The name of standard input in messages. */
export const STANDARD_INPUT_NAME = "standard input";

/** `check` runs when the file has FIRST_CHECK bytes, and again whenever it has grown by the factor NEXT_CHECK. */
const FIRST_CHECK = 2 ** 16;
const NEXT_CHECK = 16;

/** Writes all bytes at `position`. The system may write fewer at a time. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.byteLength - at, position + at);
    at += bytesWritten;
  }
}

/**
 * Copies a stream to an unlinked temporary file, which allows random access and disappears when it is closed. The stream may
 * never end, so `check` inspects the file as it grows, and an error that it throws ends the reading.
 */
export async function openStandardInput(
  stream: AsyncIterable<Uint8Array>,
  check: (begun: OpenedFile) => Promise<void>,
): Promise<OpenedFile> {
  const path = temporaryPath(join(tmpdir(), "standard-input"));
  const place = inTemporaryFolder(STANDARD_INPUT_NAME);
  const handle = await placing(place, () => open(path, "wx+", 0o600));
  try {
    await unlink(path);
    let byteLength = 0;
    let checkedNext = FIRST_CHECK;
    for await (const piece of stream) {
      await placing(place, () => writeAll(handle, piece, byteLength));
      byteLength += piece.byteLength;
      if (byteLength < checkedNext) continue;
      checkedNext = byteLength * NEXT_CHECK;
      await check(openedFile(handle, STANDARD_INPUT_NAME, await handle.stat()));
    }
    return openedFile(handle, STANDARD_INPUT_NAME, await handle.stat());
  } catch (error) {
    await handle.close();
    throw error;
  }
}

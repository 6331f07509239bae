import { dirname, join } from "node:path";
import { type InputFile, naming, openFile } from "../files/input-file.ts";
import { isRemote, shownPath } from "../remote/address.ts";
import type { OpenRemote } from "../remote/remote-files.ts";

/** A file that a table is read from: on this machine or at a URL. */
export interface SourceFile extends InputFile {
  /** Absent for a file at a URL. */
  readonly fd?: number;
  /** The memory that reading takes beyond the caller's buffers, for a file at a URL. */
  readonly bufferBytes?: number;
  /** Opens a file of the same folder, for a file at a URL. */
  openBeside?(name: string): Promise<InputFile>;
}

/** The sources behind paths that are not files on this machine. */
export interface Sources {
  /** The stream that the path "-" stands for. */
  readonly standardInput?: AsyncIterable<Uint8Array> | undefined;
  /** Opens URLs. Without it they are refused. */
  readonly openRemote?: OpenRemote | undefined;
}

/** Opens a file. Errors name it. */
export const openSource = (path: string, openRemote: OpenRemote | undefined): Promise<SourceFile> =>
  naming(shownPath(path), async (): Promise<SourceFile> => {
    if (openRemote === undefined || !isRemote(path)) return openFile(path); // openFile refuses URLs
    return openRemote(path);
  });

/** Opens a file of the folder of another one. */
export function openBeside(file: SourceFile, name: string): Promise<InputFile> {
  const path = join(dirname(file.path), name);
  return file.openBeside ? file.openBeside(name) : naming(path, () => openFile(path));
}

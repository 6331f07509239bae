import { printable } from "./printable.ts";

/** An error of the operating system. */
export type SystemError = NodeJS.ErrnoException & {
  readonly code: string;
  /** Present for errors of sockets. */
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
};

export const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "the address is already in use: choose another --port, or 0 for a free one",
  EADDRNOTAVAIL: "this machine has no such address: choose another --host",
  EDQUOT: "the disk quota is used up: free some space",
  EEXIST: "something else has this name",
  EFBIG: "the file is too large for this file system: write it elsewhere",
  EISDIR: "expected a file, got a folder",
  ELOOP: "the symbolic links form a cycle",
  EMFILE: "too many open files: raise the limit (ulimit -n)",
  ENAMETOOLONG: "the file name is too long",
  ENOSPC: "no space is left on the disk: free some space, or write elsewhere",
  ENOTDIR: "a part of the path is not a folder",
  ENOTFOUND: "there is no such host",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only: write elsewhere",
};

const NO_STANDARD_INPUT =
  "there is no such file, and standard input may only be the embeddings of midx build and the table of midx changes";

const NO_FOLDER = "no folder can be made here: write elsewhere";

/** Returns a message with the place of an error. For codes without a text here it is the system's message. */
export function systemMessage(error: SystemError): string {
  const meaning = error.code === "ENOENT" ? missingMessage(error) : MEANINGS[error.code];
  if (meaning === undefined) return error.message;
  return `${placeOf(error)}${meaning} (${error.code})`;
}

function missingMessage({ path, syscall }: SystemError): string {
  if (path === "-") return NO_STANDARD_INPUT;
  return syscall === "mkdir" ? NO_FOLDER : "there is no such file or folder";
}

function placeOf({ path, hostname, address, port }: SystemError): string {
  if (path !== undefined) return `${printable(path)}: `;
  if (hostname !== undefined) return `${printable(hostname)}: `;
  return address === undefined ? "" : `${address}:${port}: `;
}

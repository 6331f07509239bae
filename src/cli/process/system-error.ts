import { printable } from "./printable.ts";

/** An error of the operating system. */
export type SystemError = NodeJS.ErrnoException & {
  readonly code: string;
  /** Given for an error of a socket. */
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
};

export const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: "you have no permission for it",
  EADDRINUSE: "another program listens there: take another --port, or 0 for a free one",
  EADDRNOTAVAIL: "this machine has no such address: take another --host",
  EDQUOT: "your quota of the disk is used up: free some space",
  EFBIG: "the file is larger than this file system takes: write it elsewhere",
  EISDIR: "it is a folder, where a file was expected",
  ELOOP: "its symbolic links lead in a circle",
  EMFILE: "this process has too many files open: raise the limit (ulimit -n)",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "there is no such file or folder",
  ENOSPC: "there is no space left on the disk: free some, or write elsewhere",
  ENOTDIR: "a part of the path is a file, where a folder was expected",
  ENOTFOUND: "there is no such host",
  EPERM: "the system does not permit it",
  EROFS: "the disk can only be read: write elsewhere",
};

/** Says what happened and where, in the system's own words where there are none of ours. */
export function systemMessage(error: SystemError): string {
  const meaning = MEANINGS[error.code];
  if (meaning === undefined) return error.message;
  return `${placeOf(error)}${meaning} (${error.code})`;
}

function placeOf({ path, hostname, address, port }: SystemError): string {
  if (path !== undefined) return `${printable(path)}: `;
  if (hostname !== undefined) return `${printable(hostname)}: `;
  return address === undefined ? "" : `${address}:${port}: `;
}

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** The end of a process, by its exit code or by a signal. */
export const ended = async (child: ChildProcess): Promise<number | NodeJS.Signals> => {
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? (signal as NodeJS.Signals);
};

import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { STANDARD_INPUT } from "./inputs/standard-input.ts";

/** Before the work, not after it: the folder takes files, and the input is not what is replaced. */
export async function checkOutput(input: string, output: string): Promise<void> {
  if (input !== STANDARD_INPUT && resolve(input) === resolve(output))
    throw new RangeError(`"output" is the input itself: ${output}`);
  await access(dirname(resolve(output)), constants.W_OK);
  const existing = await stat(output).catch(() => undefined);
  if (existing && !existing.isFile()) throw new RangeError(`"output" is there and not a file: ${output}`);
}

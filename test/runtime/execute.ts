import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Programs ask no questions, look nothing up and send nothing. */
const QUIET = { NO_COLOR: "1", CI: "true", DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1", DO_NOT_TRACK: "1" };
/** A limit that ends hung commands only. The slowest takes seconds on a quiet machine. */
const TIMEOUT = 900_000;

/** Runs a command in this folder and returns what it prints. Rejects with its stderr if it fails. */
export async function execute(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const options = { cwd, env: { ...process.env, ...QUIET }, timeout: TIMEOUT, maxBuffer: 2 ** 26 };
  try {
    return (await run(command, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}${stdout}`, { cause: error });
  }
}

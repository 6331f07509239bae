import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Nothing is asked, looked up or sent by what runs. */
const QUIET = { NO_COLOR: "1", CI: "true", DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1", DO_NOT_TRACK: "1" };
/** Only ends what hangs: the slowest command takes seconds on a quiet machine. */
const TIMEOUT = 900_000;

/** What a command prints, run in this folder. Rejects with what it wrote to stderr where it fails. */
export async function execute(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const options = { cwd, env: { ...process.env, ...QUIET }, timeout: TIMEOUT, maxBuffer: 2 ** 26 };
  try {
    return (await run(command, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}${stdout}`, { cause: error });
  }
}

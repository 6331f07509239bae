import { EXIT, messageOf } from "./exit.ts";
import { printableMessage } from "./printable.ts";
import { run } from "./run.ts";

/** The first Ctrl-C asks the command to end; the second finds no listener left and ends the process. */
const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => controller.abort(new Error("interrupted")));

/** A reader that has seen enough, such as `head`, closes the pipe. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

/** What no command caught: Node would print a line of the bundle, which is one line, and a stack. */
process.on("uncaughtException", (error) => {
  process.stderr.write(`error: ${printableMessage(messageOf(error) ?? "unknown")}\n`);
  process.exit(EXIT.error);
});

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: controller.signal,
});

import { EXIT } from "./exit.ts";
import { messageOf } from "./process/error-message.ts";
import { undoHeld, watchSignals } from "./process/interruption.ts";
import { printableMessage } from "./process/printable.ts";
import { run } from "./run.ts";

const interruption = watchSignals();

/**
 * A reader such as `head` closes the pipe before the output ends. The command goes on without it, since its exit code tells
 * whether its work is done: a build must not end with success and without a file.
 */
const onError =
  (path: string) =>
  (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw Object.assign(error, { path });
  };
process.stdout.on("error", onError("standard output"));
process.stderr.on("error", onError("standard error"));

/** Without this handler Node would print a line of the minified bundle and a stack trace. */
process.on("uncaughtException", (error) => {
  undoHeld();
  process.stderr.write(`error: ${printableMessage(messageOf(error) ?? "unknown")}\n`);
  process.exit(EXIT.error);
});

// A task of a worker ends with its worker, whose lock on the task ends as well.
process.once("disconnect", () => {
  undoHeld();
  process.exit(EXIT.error);
});
process.channel?.unref();

const code = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interruption.signal,
});
process.exitCode = interruption.exitCodeOf(code);

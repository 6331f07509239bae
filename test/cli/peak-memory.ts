/**
 * A statement that has a process of Linux write the most memory that it had, in KiB, to stderr when it ends. What
 * getrusage() says begins with the memory of the process that started it.
 */
export const sayPeakMemory = `process.on("exit", () => {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  process.stderr.write(/VmHWM:\\s*(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
});`;

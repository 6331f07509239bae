/**
 * A statement that makes a process on Linux write its peak memory in KiB to stderr when it ends. The value of
 * getrusage() would include the memory of the process that started it.
 */
export const sayPeakMemory = `process.on("exit", () => {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  process.stderr.write(/VmHWM:\\s*(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
});`;

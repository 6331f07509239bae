import { rmSync, writeFileSync } from "node:fs";
import { holdSignals, watchSignals } from "../../src/cli/process/interruption.ts";

// A program for interruption.test.ts: `held-program.ts <action> <file>`.
const [what, file = ""] = process.argv.slice(2);
const interruption = watchSignals();
writeFileSync(file, "");
const undo = (): void => rmSync(file);

if (what === "computes") {
  process.stdout.write("ready");
  for (;;);
}
const hold = holdSignals(undo);
if (what === "released") hold.release();
process.stdout.write("ready");
const timer = setInterval(() => {}, 1000);
interruption.signal.addEventListener("abort", () => {
  process.stdout.write("asked");
  if (what !== "ends") return;
  clearInterval(timer);
  hold.release();
  process.exitCode = interruption.exitCodeOf(1);
});

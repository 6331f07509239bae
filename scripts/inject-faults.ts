// Do the tests see what they are for (npm run test:faults)? Each fault of faults.ts is made in a copy of the sources, whose
// kernels are built and whose suites are run, in Node or in workerd; a fault is caught if a test fails. The copy without a fault has to pass.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FAULTS, type Fault } from "./faults.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");

const SOUND: Fault = { name: "no fault", file: "package.json", find: '"name": "midx"', replace: '"name": "midx"' };

let missed = 0;
for (const fault of [SOUND, ...FAULTS]) {
  const failing = firstFailure(fault);
  const isRight = (failing === undefined) === (fault === SOUND);
  if (!isRight) missed++;
  console.log(`${isRight ? "ok    " : "MISSED"} ${fault.name}: ${failing ?? "all tests pass"}`);
  if (fault === SOUND && !isRight) break;
}
console.log(`${FAULTS.length - missed} of ${FAULTS.length} faults caught`);
process.exitCode = missed > 0 ? 1 : 0;

/** Name of the first test that fails in a copy with this fault, or what else broke; undefined if nothing does. */
function firstFailure({ file, find, replace, project = "node" }: Fault): string | undefined {
  const copy = mkdtempSync(join(tmpdir(), "midx-fault-"));
  try {
    for (const path of files) cpSync(join(root, path), join(copy, path));
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const source = readFileSync(join(copy, file), "utf8");
    if (source.split(find).length !== 2) throw new Error(`${file}: expected once: ${find}`);
    writeFileSync(
      join(copy, file),
      source.replace(find, () => replace),
    );
    return (
      run(copy, "npm", ["run", "build:kernels"]) ??
      run(copy, "npx", ["vitest", "run", "--project", project, "--bail", "1"])
    );
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function run(cwd: string, command: string, args: readonly string[]): string | undefined {
  const env = { ...process.env, NO_COLOR: "1", PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status === 0) return undefined;
  return (
    /FAIL\s+(.*)/.exec(stdout + stderr)?.[1] ?? `${command} ${args[0]}: ${(stderr || stdout).trim().split("\n").at(-1)}`
  );
}

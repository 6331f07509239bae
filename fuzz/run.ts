// npm run fuzz -- --runs 100000 bundles each target (header.ts, load.ts and the readers), fuzzes it with Jazzer.js from its
// corpus, and prints the number of executed inputs. Inputs with new coverage are collected in build/fuzz/. A finding ends the
// run with exit code 1 and leaves its input there.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { REQUIRE } from "../scripts/bundle/cli-bundle.ts";
import { compiledWasm } from "./compiled-wasm.ts";

interface Target {
  /** The target is synchronous, which is faster. */
  readonly sync: boolean;
  /** The maximum length of an input: a header of the small files has 1,500 bytes, a program of 24 edits has 150. */
  readonly longest: number;
  /** The name of the reader in test/hostile/reader-targets.ts, for a reader. */
  readonly reader?: string;
}

const TARGETS: Record<string, Target> = {
  header: { sync: true, longest: 4096 },
  load: { sync: false, longest: 256 },
  ...Object.fromEntries(readerNames().map((name) => [name, { sync: false, longest: 4096, reader: name }])),
};

/**
 * The time in milliseconds after which an input counts as hanging. Readers have limits of CPU time, which hold on a busy
 * machine.
 */
const HANG_MS = 120_000;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    seconds: { type: "string", default: "0" },
    target: { type: "string", multiple: true, default: Object.keys(TARGETS) },
    seed: { type: "string", default: "1" },
  },
});

const root = fileURLToPath(new URL("..", import.meta.url));

let failed = false;
for (const name of values.target) {
  const target = TARGETS[name];
  if (target === undefined)
    throw new RangeError(`"--target" expected ${Object.keys(TARGETS).join(" or ")}, got ${name}`);
  await bundle(name, target);
  const { executions, seconds, findings } = await fuzz(name, target);
  console.log(`${name}: ${executions} executions in ${seconds} s, ${findings} findings`);
  failed ||= findings > 0 || executions === 0;
}
process.exitCode = failed ? 1 : 0;

/** Returns the names of the readers. Each has a folder with its initial inputs. */
function readerNames(): string[] {
  return readdirSync(new URL("corpus", import.meta.url)).filter((name) => name !== "header" && name !== "load");
}

async function bundle(name: string, { reader }: Target): Promise<void> {
  const contents = `import { fuzzReader, READER_TARGETS } from "./test/hostile/reader-targets.ts";
export const fuzz = (data) => fuzzReader(READER_TARGETS[${JSON.stringify(reader)}], data);`;
  await build({
    absWorkingDir: root,
    ...(reader ? { stdin: { contents, resolveDir: root } } : { entryPoints: [`fuzz/${name}.ts`] }),
    outfile: `build/fuzz/${name}.mjs`,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    sourcemap: "inline",
    banner: { js: REQUIRE },
    plugins: [compiledWasm],
    logLevel: "warning",
  });
}

/** Runs libFuzzer in a separate process and reads its report. */
async function fuzz(
  name: string,
  { sync, longest }: Target,
): Promise<{ executions: number; seconds: number; findings: number }> {
  const found = `build/fuzz/found-${name}`;
  mkdirSync(`${root}${found}`, { recursive: true });
  const jazzer = [
    `build/fuzz/${name}.mjs`,
    found,
    `fuzz/corpus/${name}`,
    "-i",
    `build/fuzz/${name}.mjs`,
    `--sync=${sync}`,
    `--timeout=${HANG_MS}`,
  ];
  const libFuzzer = [
    `-runs=${values.runs}`,
    `-max_total_time=${values.seconds}`,
    `-seed=${values.seed}`,
    `-max_len=${longest}`,
    "-len_control=0",
    "-use_value_profile=1",
    "-print_final_stats=1",
    `-artifact_prefix=build/fuzz/finding-${name}-`,
  ];
  const log = `${root}build/fuzz/${name}.log`;
  console.log(`${name}: see build/fuzz/${name}.log for progress`);
  // The log is a file because libFuzzer loses output when a pipe is full.
  const child = spawn(`${root}node_modules/.bin/jazzer`, [...jazzer, "--", ...libFuzzer], {
    cwd: root,
    stdio: ["ignore", "inherit", openSync(log, "w")],
  });
  const [code] = await once(child, "exit");
  const report = readFileSync(log, "utf8");
  if (code !== 0) console.error(report.split("\n").slice(-40).join("\n"));
  const [, executions = "0", seconds = "0"] = /Done (\d+) runs in (\d+) second/.exec(report) ?? [];
  return { executions: Number(executions), seconds: Number(seconds), findings: code === 0 ? 0 : 1 };
}

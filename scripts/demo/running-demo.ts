import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { cliBundle } from "../bundle/cli-bundle.ts";
import { type DevServer, startWrangler } from "../server/wrangler-dev.ts";

/** The folder of package.json and wrangler.toml. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The commands and the server that a demo starts. They end with it. */
export interface RunningDemo {
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  /** Runs a command to its end, in `root` and with this process's output; an Error if it fails. */
  run(command: string, args: readonly string[]): Promise<void>;
  /** Serves the Worker of a folder, by default of `root`, on this machine; resolves to its URL. */
  serve(vars?: Readonly<Record<string, string>>, folder?: string): Promise<string>;
}

/**
 * Runs a demo until it has ended or, if it goes on serving, until Ctrl-C. Then its server and commands end, and the process
 * exits with status 0, also if it is interrupted on the way. If the demo fails, the status is 1.
 */
export async function runDemo(main: (demo: RunningDemo) => Promise<"ended" | "serving">): Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let server: Promise<DevServer> | undefined;
  let command: Promise<unknown> | undefined;
  const stop = async (exitCode: number): Promise<void> => {
    if (signal.aborted) return;
    stopping.abort();
    await command?.catch(() => undefined);
    await server?.then(
      ({ stop }) => stop(),
      () => undefined, // one that is interrupted while it starts ends itself
    );
    process.exit(exitCode);
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop(0));
  const demo: RunningDemo = {
    signal,
    async run(name, args) {
      const child = spawn(name, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
      signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
      command = once(child, "exit");
      const [status] = (await command) as [number | null];
      signal.throwIfAborted();
      if (status !== 0) throw new Error(`${name} ${args.join(" ")} ended with ${status}`);
    },
    async serve(vars = {}, folder = root) {
      server = startWrangler(folder, signal, vars);
      return (await server).url;
    },
  };
  try {
    if ((await main(demo)) === "ended") await stop(0);
  } catch (error) {
    if (signal.aborted) return; // `stop` is on its way
    console.error(error);
    await stop(1);
  }
}

/** The command line that a demo runs. */
export const CLI = "build/demo/cli.js";

/** Makes the kernels, the command line and openapi.json in build/, so that dist/ stays as it is. */
export async function prepare({ run }: RunningDemo): Promise<void> {
  heading("the kernels and the command line");
  await run("node", ["scripts/build-kernels.ts", "release"]);
  await build({ ...cliBundle, absWorkingDir: root, outdir: dirname(CLI) });
  await run("node", ["scripts/openapi.ts", "build/assets"]);
}

export function heading(text: string): void {
  console.log(`\n── ${text}`);
}

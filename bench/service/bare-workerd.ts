import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../scripts/server/free-port.ts";
import { bundleWorker, COMPATIBILITY_DATE } from "./bundle.ts";

const WORKERD = fileURLToPath(new URL("../../node_modules/.bin/workerd", import.meta.url));

interface Setting {
  readonly vars?: Readonly<Record<string, string>>;
  /** Classes of Durable Objects with SQLite, by the names of their bindings. They store on the disk. */
  readonly objects?: Readonly<Record<string, string>>;
  /** Called with workerd's log output. */
  readonly onLog?: (text: string) => void;
}

/** Starts workerd with nothing in front of the Worker. The files of a folder are bound as ASSETS. */
export async function startBareWorkerd(
  entry: string,
  files: Readonly<Record<string, Uint8Array>>,
  { vars = {}, objects = {}, onLog = (text) => process.stderr.write(text) }: Setting = {},
): Promise<{ readonly url: string; readonly pid: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "midx-workerd-"));
  for (const each of ["assets", "objects"]) mkdirSync(join(folder, each));
  const { script, wasm } = await bundleWorker(entry);
  writeFileSync(join(folder, "worker.js"), script);
  for (const [name, bytes] of wasm) writeFileSync(join(folder, name), bytes);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, "assets", name), bytes);
  const port = await freePort();
  writeFileSync(join(folder, "config.capnp"), configOf([...wasm.keys()], folder, port, vars, objects));
  const server = spawn(WORKERD, ["serve", join(folder, "config.capnp")], { stdio: ["ignore", "ignore", "pipe"] });
  server.stderr.on("data", (data) => onLog(String(data)));
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/healthz`).catch(() => undefined))) {
    if (server.exitCode !== null) throw new Error(`workerd ended with ${server.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async (): Promise<void> => {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  };
  return { url, pid: server.pid as number, stop };
}

const configOf = (
  wasm: readonly string[],
  folder: string,
  port: number,
  vars: Readonly<Record<string, string>>,
  objects: Readonly<Record<string, string>>,
): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "assets", disk = (path = "${folder}/assets")),
    (name = "objects", disk = (path = "${folder}/objects", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    ${wasm.map((name) => `(name = "${name}", wasm = embed "${name}"),`).join(" ")}
  ],
  durableObjectNamespaces = [
    ${Object.values(objects)
      .map((name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true),`)
      .join(" ")}
  ],
  durableObjectStorage = (localDisk = "objects"),
  bindings = [
    (name = "ASSETS", service = "assets"),
    ${Object.entries(objects)
      .map(([name, className]) => `(name = "${name}", durableObjectNamespace = "${className}"),`)
      .join(" ")}
    ${Object.entries(vars)
      .map(([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)}),`)
      .join(" ")}
  ],
  compatibilityDate = "${COMPATIBILITY_DATE}",
);
`;

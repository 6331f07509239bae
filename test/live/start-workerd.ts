import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorker, COMPATIBILITY_DATE } from "../../bench/service/bundle.ts";
import { freePort } from "../../scripts/server/free-port.ts";
import { type Pointer, partKey, serialisePointer, versionKey } from "../../src/publication/pointer.ts";
import { open } from "../fixtures/open.ts";
import { digestOf, WRITER } from "./live-service.ts";

const WORKERD = fileURLToPath(new URL("../../node_modules/.bin/workerd", import.meta.url));
const KEY = "words/current.json";

/** A folder with an index, a log and two isolates of the Worker that follow it, for one workerd at a time. */
export class LiveWorker {
  readonly folder = mkdtempSync(join(tmpdir(), "midx-live-"));
  url = "";
  #process: ChildProcess | undefined;
  #wasm: readonly string[] = [];

  async prepare(): Promise<void> {
    const { script, wasm } = await bundleWorker("test/live/workers/in-folder.ts");
    writeFileSync(join(this.folder, "worker.js"), script);
    for (const [name, bytes] of wasm) writeFileSync(join(this.folder, name), bytes);
    this.#wasm = [...wasm.keys()];
    mkdirSync(join(this.folder, "log"));
  }

  /** Publishes a version. */
  async publish(file: Uint8Array<ArrayBuffer>, version: string): Promise<void> {
    const { itemCount, dim, metric, hasLabels, memoryBytes } = (await open(file)).index.info;
    const sha256 = createHash("sha256").update(file).digest("hex");
    const part = { sha256, byteLength: file.byteLength };
    const facts = { itemCount, dim, metric, hasLabels, memoryBytes };
    const pointer: Pointer = { version, ...part, parts: [part], facts };
    this.#write(partKey(KEY, part), file);
    this.#write(versionKey(KEY, version), serialisePointer(pointer));
    this.#write(KEY, serialisePointer(pointer));
  }

  async start(vars: Readonly<Record<string, string>> = {}): Promise<void> {
    const port = await freePort();
    const all = {
      ...{ INDEX_KEY: KEY, REFRESH_SECONDS: "0.1", WRITE_TOKENS: digestOf(WRITER) },
      ...vars,
    };
    writeFileSync(join(this.folder, "config.capnp"), configOf(this.#wasm, this.folder, port, all));
    const started = spawn(WORKERD, ["serve", join(this.folder, "config.capnp")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    started.stderr.on("data", (data) => {
      errors += data;
    });
    this.#process = started;
    this.url = `http://127.0.0.1:${port}`;
    while (!(await fetch(`${this.url}/healthz`).catch(() => undefined))) {
      if (started.exitCode !== null) throw new Error(`workerd ended with ${started.exitCode}: ${errors}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends workerd without a chance to write anything. */
  async kill(): Promise<void> {
    if (!this.#process) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
    this.#process = undefined;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }

  async send(path: string, body?: object, headers: Readonly<Record<string, string>> = {}) {
    const init: RequestInit =
      body === undefined
        ? { headers }
        : {
            method: "POST",
            headers: { "content-type": "application/json", authorization: `Bearer ${WRITER}`, ...headers },
            body: JSON.stringify(body),
          };
    const response = await fetch(`${this.url}${path}`, init);
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  #write(key: string, content: Uint8Array | string): void {
    const path = join(this.folder, "assets", key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  }
}

const configOf = (
  wasm: readonly string[],
  folder: string,
  port: number,
  vars: Readonly<Record<string, string>>,
): string => {
  const code = `compatibilityDate = "${COMPATIBILITY_DATE}",
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    ${wasm.map((name) => `(name = "${name}", wasm = embed "${name}"),`).join(" ")}
  ]`;
  const bindings = `(name = "ASSETS", service = "assets"),
    ${Object.entries(vars)
      .map(([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)}),`)
      .join(" ")}`;
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "reader", worker = .reader),
    (name = "assets", disk = (path = "${folder}/assets")),
    (name = "log", disk = (path = "${folder}/log", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  ${code},
  durableObjectNamespaces = [(className = "IndexLog", uniqueKey = "index-log", enableSql = true)],
  durableObjectStorage = (localDisk = "log"),
  bindings = [
    ${bindings}
    (name = "LOG", durableObjectNamespace = "IndexLog"),
    (name = "READER", service = "reader"),
  ],
);
const reader :Workerd.Worker = (
  ${code},
  bindings = [
    ${bindings}
    (name = "LOG", durableObjectNamespace = (className = "IndexLog", serviceName = "main")),
  ],
);
`;
};

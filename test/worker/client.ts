import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { load } from "../../src/workerd.ts";
import type { ServiceEnv } from "../../worker/environment/env.ts";
import type { Handler } from "../../worker/handler-types.ts";

const ORIGIN = "https://midx.test";

/** Sends a request to the deployed Worker, with the variables of wrangler.toml and its own isolate state. */
export function send(path: string, init?: RequestInit): Promise<Response> {
  return exports.default.fetch(ORIGIN + path, init);
}

export function post(path: string, body: unknown): Promise<Response> {
  return send(path, jsonInit(body));
}

/** Sends a request to a Worker that has loaded nothing yet, with other variables than the deployed one. */
export async function sendTo(
  worker: Handler<ServiceEnv>,
  path: string,
  vars: Partial<ServiceEnv> = {},
  init: RequestInit = {},
): Promise<Response> {
  const context = createExecutionContext();
  const response = await worker.fetch(new Request(ORIGIN + path, init), { ...env, ...vars }, context);
  await waitOnExecutionContext(context);
  return response;
}

/** A request with `body` as JSON, or as it is if it is text. */
export function jsonInit(body: unknown): RequestInit {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { method: "POST", headers: { "content-type": "application/json" }, body: text };
}

/** The index file among the assets. */
export const indexFile = (): Promise<Uint8Array<ArrayBuffer>> => assetFile("index.midx");

export async function assetFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await env.ASSETS.fetch(`https://assets.invalid/${path}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The same index, loaded without the Worker, to compare its answers with. */
export async function libraryIndex(): Promise<MultiIndex> {
  return load(await indexFile());
}

/** A query of `dim` values that depends on `seed`. */
export function queryOf(dim: number, seed: number): number[] {
  return Array.from({ length: dim }, (_, i) => Math.fround((((i + 3) * (seed + 11) * 7) % 23) / 12 - 0.9));
}

/** The key that limits count a token towards, by its SHA-256 in hex. */
export const callerOf = (digest: string): string =>
  `token ${[0, 2, 4, 6, 8, 10, 12, 14].map((at) => Number.parseInt(digest.slice(at, at + 2), 16))}`;

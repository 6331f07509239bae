import { expect, test, vi } from "vitest";
import { Problem } from "../../worker/contract/problem.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import type { Host } from "../../worker/host/host.ts";
import { described, labelled, serviceOf } from "../openapi/service.ts";
import { EVERY } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";

// Errors below Vectorize's paths are in its envelope, and all others are problem+json.

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const INDEX = "/client/v4/accounts/a/vectorize/v2/indexes/words";
const PATHS = [
  ...Object.keys(described.document.paths).map((path) => path.replaceAll(/[{}]/g, "")),
  ...["insert", "upsert", "delete_by_ids", "metadata_index/create", "nothing"].map((name) => `${INDEX}/${name}`),
  ...["/client", "/client/v4/user", "/client/v4/accounts/%ff/vectorize", "/nothing", "/v1", "/", "/index.midx"],
];
/** The paths in other spellings, and paths below them. */
const VARIANTS = PATHS.flatMap((path) => [path, `${path}/`, `${path}/more`, `${path}?a=1&a=2`]);
const CONTENTS = ["application/json", "application/x-midx-f32", "text/plain", "application/x-ndjson", undefined];

/** The fault in the form of an error response, or undefined. */
async function faultOf(path: string, method: string, response: Response): Promise<string | undefined> {
  const { status, headers } = response;
  const text = await response.text();
  const said = `${method} ${path}: ${status} ${text}`;
  if (!headers.get("x-request-id")) return `${said} has no request id`;
  if (status === 405 && !headers.has("allow")) return `${said} says no method`;
  if (status === 503 && !headers.has("retry-after")) return `${said} says not when to come again`;
  if (method === "HEAD") return text === "" ? undefined : `${said} has a body`;
  const body = JSON.parse(text);
  const isEnvelope = body.success === false && body.errors?.length === 1 && body.result === null;
  const isProblem = body.status === status && headers.get("content-type") === "application/problem+json";
  return (/^\/(client|v1\/query)(\/|\?|$)/.test(path) ? isEnvelope : isProblem) ? undefined : said;
}

test.each<[string, () => Host]>([
  ["answers", () => fixedHost(labelled)],
  ["asks for tokens", () => fixedHost(labelled, { tokens: ["0".repeat(64)] })],
  ["lists origins", () => fixedHost(labelled, { origins: ["https://words.example.com"] })],
  ["takes no request", () => ({ ...fixedHost(labelled), served: () => Promise.reject(new Error("gone")) })],
  [
    "is configured wrongly",
    () => ({
      ...fixedHost(labelled),
      settings: () => {
        throw new Problem("misconfigured", "a variable is wrong");
      },
    }),
  ],
])("a service that %s refuses every path and method in its form", async (_, hostOf) => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const service = serviceOf(hostOf());
  const faults: (string | undefined)[] = [];
  let refused = 0;
  for (const path of VARIANTS) {
    for (const method of METHODS) {
      for (const type of method === "GET" || method === "HEAD" ? [undefined] : inTurn(CONTENTS, 5, method + path)) {
        const sent = type ? { headers: { "content-type": type }, body: "{" } : {};
        const response = await service.request(path, { method, ...sent });
        if (response.status < 400) continue;
        refused++;
        faults.push(await faultOf(path, method, response));
      }
    }
  }
  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  expect(refused).toBeGreaterThan(EVERY ? 1000 : 400);
});

import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { PROBLEMS } from "../../../worker/contract/problem.ts";
import { REQUEST_ID_HEADER, requestIdOf } from "../../../worker/middleware/request-id.ts";
import { refuse } from "./refusal.ts";

/** Answers a request. `env` holds the connection of the server. */
export type Fetch = (request: Request, env?: object) => Response | Promise<Response>;

/** The page is beside the bundle of the command line, like the descriptions. The sources have none beside them. */
const PAGE_FOLDER = new URL("page/", import.meta.url);

/**
 * An optional file of the page. If it is missing, the answer is 204, since a 404 would be an error in the browser's console.
 */
const EXAMPLES = "/page/examples.json";

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
};

/** The package's description of a service. */
type Description =
  `${"" | "sequences-" | "live-sequences-" | "router-sequences-" | "live-router-sequences-"}openapi.json`;

/** Answers GET / with the page, /page/NAME with its other files, and what `withDescription` does. */
export function withPage(app: Fetch, description: Description, folder = PAGE_FOLDER): Fetch {
  const files = pageFiles(folder);
  return files.size === 0 ? app : withFiles(withDescription(app, description, folder), files);
}

/** Answers GET /openapi.json with the description of the service that `app` is. */
export function withDescription(app: Fetch, description: Description, folder = PAGE_FOLDER): Fetch {
  const file = fileURLToPath(new URL(`../${description}`, folder));
  return existsSync(file) ? withFiles(app, new Map([["/openapi.json", file]])) : app;
}

/** Answers these paths with files. All other requests go to `app`. Paths are never looked up in the file system. */
function withFiles(app: Fetch, files: ReadonlyMap<string, string>): Fetch {
  return (request, env) => {
    const path = pathOf(request.url);
    return files.has(path) || (files.has("/") && path === EXAMPLES) ? answer(request, path) : app(request, env);
  };

  async function answer(request: Request, path: string): Promise<Response> {
    const file = files.get(path);
    const id = { [REQUEST_ID_HEADER]: requestIdOf(request.headers.get(REQUEST_ID_HEADER)) };
    if (file === undefined) return new Response(null, { status: 204, headers: id });
    if (request.method !== "GET" && request.method !== "HEAD") return refuseMethod(request, path);
    return new Response(request.method === "HEAD" ? null : await readFile(file), {
      headers: {
        "content-type": TYPES[extname(file)] ?? "application/octet-stream",
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        ...id,
      },
    });
  }
}

/** Returns the path of the URL of a request, which is normalised. Parsing it again takes as long as checking the body. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.slice(start).search(/[?#]/);
  return end < 0 ? url.slice(start) : url.slice(start, start + end);
}

/** Refuses a method with the same message as the application. */
function refuseMethod(request: Request, path: string): Response {
  const fault = { code: "method_not_allowed", ...PROBLEMS.method_not_allowed };
  return refuse(request, fault, `${path} takes GET, HEAD, not ${request.method}`, { allow: "GET, HEAD" });
}

/** Returns the files of the page by their paths in URLs. */
function pageFiles(folder: URL): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of namesIn(folder)) files.set(`/page/${name}`, fileURLToPath(new URL(name, folder)));
  const page = files.get("/page/index.html");
  return page === undefined ? new Map() : files.set("/", page);
}

function namesIn(folder: URL): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

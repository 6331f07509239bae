import type { Context, Hono } from "hono";
import { Problem } from "../contract/problem.ts";
import { assetRequest } from "../publication/asset-request.ts";
import type { Publisher } from "../publication/publication.ts";
import type { Assets } from "../publication/store.ts";

/** The package's description of a service, among the assets. */
export type Description = `${"" | "live-"}${"" | "sequences-"}openapi.json`;

/** The sources of the static pages. The Worker serves no other assets. */
export interface Pages {
  readonly description: Description;
  readonly assets: (c: Context) => Assets | undefined;
  readonly publisher: (c: Context) => Publisher;
  /** True if the demo page, which needs the index file, was asked for. */
  readonly hasDemo: (c: Context) => boolean;
}

const BYTES = "application/octet-stream";

/**
 * GET /openapi.json, and for the demo GET /, /page/… and /index.midx, which the page runs itself. A service that takes changes has
 * no demo: its answers have the changes, and the file that the page compares them with does not.
 */
export function addPages(app: Hono, { description, assets, publisher, hasDemo }: Pages): void {
  const takesChanges = description.startsWith("live-");
  const file = async (c: Context, path: string): Promise<Response> => {
    const found = await assets(c)?.fetch(assetRequest(path));
    if (found?.ok && found.body)
      return c.body(found.body, 200, { "content-type": found.headers.get("content-type") ?? BYTES });
    await found?.body?.cancel();
    const missing = `the Worker's assets have no ${path}`;
    const needed = takesChanges ? description : `${description} and page/`;
    const remedy = `copy ${needed} from node_modules/midx/dist into the directory of [assets] in wrangler.toml`;
    throw new Problem("not_found", `${missing}: ${remedy}, bound as ASSETS`);
  };
  const requireDemo = (c: Context): void => {
    const page = `${c.req.path} belongs to the demo page`;
    if (takesChanges) {
      const why = "the page compares answers with the index file, which lacks the changes";
      throw new Problem("not_found", `${page}, and a service that takes changes has none: ${why}`);
    }
    if (!hasDemo(c)) throw new Problem("not_found", `${page}: set DEMO = "true" to serve it`);
  };
  const demoFile = (c: Context, path: string): Promise<Response> => {
    requireDemo(c);
    return file(c, path);
  };
  app.get("/openapi.json", (c) => file(c, description));
  app.get("/", (c) => demoFile(c, "page/index.html"));
  app.get("/page/:name", (c) => demoFile(c, `page/${encodeURIComponent(c.req.param("name"))}`));
  app.get("/index.midx", async (c) => {
    requireDemo(c);
    const publication = await publisher(c).look();
    return c.body((await publication?.open()) as ReadableStream, 200, { "content-type": BYTES });
  });
}

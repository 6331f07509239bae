import worker, { type HandlerContext, type LiveEnv, IndexLog as Log } from "../../../worker/live.ts";
import type { Assets, Bucket } from "../../../worker/publication/store.ts";

/** A folder of a disk, which has no tags, as a bucket: the tag of an object is its digest. */
const bucketIn = (folder: Assets): Bucket => ({
  async get(key, { onlyIf }) {
    const response = await folder.fetch(new Request(`https://folder.invalid/${key}`));
    if (response.status === 404) return null;
    const bytes = new Uint8Array(await response.arrayBuffer());
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const etag = btoa(String.fromCharCode(...digest));
    return onlyIf?.etagDoesNotMatch === etag ? { etag } : { etag, body: new Response(bytes).body as ReadableStream };
  },
});

let isFailing = false;

/** The log, which fails while a request to "/failing" has said so. */
export class IndexLog extends Log {
  override async fetch(request: Request): Promise<Response> {
    if (isFailing) throw new Error("the disk of the object is gone");
    return super.fetch(request);
  }
}

interface Env extends LiveEnv {
  readonly ASSETS: Assets;
  /** The same Worker in another isolate. Only the one that has the log has this binding. */
  readonly READER?: Assets;
}

let bound: LiveEnv | undefined;

/** The Worker as it is, with its index in a folder. A request with the header "x-isolate" goes to the other isolate. */
export default {
  async fetch(request: Request, env: Env, context: HandlerContext): Promise<Response> {
    if (env.READER && request.headers.has("x-isolate")) return env.READER.fetch(request);
    if (new URL(request.url).pathname === "/failing") {
      ({ isFailing } = await request.json());
      return Response.json({ isFailing });
    }
    bound ??= { ...env, INDEX: bucketIn(env.ASSETS), INDEX_SOURCE: "r2" };
    return worker.fetch(request, bound, context);
  },
};

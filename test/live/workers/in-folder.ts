import worker, { type HandlerContext, type LiveEnv } from "../../../worker/live.ts";
import type { Assets, Bucket } from "../../../worker/publication/store.ts";

export { IndexLog } from "../../../worker/live.ts";

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

let bound: LiveEnv | undefined;

/** The Worker as it is, with its index in a folder. */
export default {
  fetch: (request: Request, env: LiveEnv & { readonly ASSETS: Assets }, context: HandlerContext) => {
    bound ??= { ...env, INDEX: bucketIn(env.ASSETS), INDEX_SOURCE: "r2" };
    return worker.fetch(request, bound, context);
  },
};

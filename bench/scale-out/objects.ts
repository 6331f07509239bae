import { DurableObject } from "cloudflare:workers";
import { partObject } from "../../worker/part.ts";
import type { Bucket } from "../../worker/publication/store.ts";
import { createRouter, inBucket, inDurableObjects, manifestAt, type PartNamespace } from "../../worker/router.ts";

interface Env {
  readonly INDEX: Bucket;
  readonly PARTS: PartNamespace;
  readonly EMPTY: PartNamespace;
}

export const manifestOf = (env: Env) => manifestAt(inBucket(env.INDEX), "words/current.json");
const router = createRouter<Env>(manifestOf, {
  hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
  fanOut: 64,
  refreshSeconds: 0,
});

export const PartObject = partObject(manifestOf, { base: DurableObject });

/** An object that answers with nothing. */
export class EmptyObject {
  async fetch(request: Request): Promise<Response> {
    await request.arrayBuffer();
    return new Response(null, { status: 204 });
  }
}

/** A router, and beside it as many concurrent requests as it makes, to objects that do nothing. */
export default {
  async fetch(request: Request, env: Env, context: { waitUntil(work: Promise<unknown>): void }): Promise<Response> {
    const count = Number(new URL(request.url).searchParams.get("empty"));
    if (count === 0) return router.fetch(request, env, context);
    const body = await request.arrayBuffer();
    const asked = Array.from({ length: count }, (_, part) =>
      env.EMPTY.get(env.EMPTY.idFromName(String(part))).fetch(
        new Request("https://part.invalid/", { method: "POST", body }),
      ),
    );
    await Promise.all(asked);
    return new Response(null, { status: 204 });
  },
};

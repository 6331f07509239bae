import { DurableObject } from "cloudflare:workers";
import { IndexLog as Log } from "../../../worker/live.ts";
import { partObject, takeChanges } from "../../../worker/part.ts";
import {
  changesBy,
  createRouter,
  inDurableObjects,
  type LogNamespace,
  logIn,
  type PartNamespace,
} from "../../../worker/router.ts";
import { DELTA_SECONDS, manifestOf, REFRESH_SECONDS, type StoreEnv, WRITER } from "./env.ts";

let isFailing = false;

/** The log, which fails while a request to "/failing" of the isolate that has it has said so. */
export class IndexLog extends Log {
  override async fetch(request: Request): Promise<Response> {
    if (isFailing) throw new Error("the disk of the object is gone");
    return super.fetch(request);
  }
}

interface Env extends StoreEnv {
  readonly PARTS: PartNamespace;
  readonly LOG: LogNamespace;
}

export const PartObject = partObject(manifestOf, { base: DurableObject, changes: takeChanges() });

/** A router that takes changes, whose parts and log are Durable Objects of the same script. */
const router = createRouter<Env>(manifestOf, {
  hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
  changes: changesBy({
    log: (env: Env) => logIn(env.LOG, "words"),
    writeTokens: [WRITER],
    deltaSeconds: DELTA_SECONDS,
  }),
  refreshSeconds: REFRESH_SECONDS,
});

export default {
  async fetch(...[request, ...rest]: Parameters<typeof router.fetch>): Promise<Response> {
    if (new URL(request.url).pathname !== "/failing") return router.fetch(request, ...rest);
    ({ isFailing } = await request.json());
    return Response.json({ isFailing });
  },
};

import type { Hono } from "hono";
import type { IndexSource } from "../src/public.ts";
import { createApp } from "./app.ts";
import { explainFailures, type Host } from "./host/host.ts";
import type { Watch } from "./middleware/watch.ts";
import type { Load } from "./publication/open-publication.ts";
import { encodeRoute } from "./sequences/encode-route.ts";
import { type OpenEncoder, withEncoders } from "./sequences/encoders.ts";
import { adaptSequences } from "./sequences/sequence-queries.ts";
import { publishedHost, type ServiceEnvironment } from "./service.ts";

/** The application of an index that was loaded with its encoder: every call takes sequences, too. */
export function createSequenceApp(environment: Host, watch?: Watch): Hono {
  const app = createApp(environment, watch, adaptSequences);
  const served = explainFailures(environment.served);
  encodeRoute(app, { ...environment, answerWith: async (c, answer) => answer(await served(c)) });
  return app;
}

/** The application that loads the published index with its encoder, and replaces it whenever another one is published. */
export const createSequenceService = (
  load: Load,
  openEncoder: OpenEncoder,
  environment: ServiceEnvironment<IndexSource>,
): Hono => createSequenceApp(publishedHost(withEncoders(load, openEncoder), environment).host);

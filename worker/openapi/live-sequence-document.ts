import { live } from "../contract/live-requests.ts";
import { encodeSchema } from "../contract/sequence-requests.ts";
import { schemaWithFields } from "../endpoints/with-fields.ts";
import { ENCODE_PATH } from "../sequences/encode-route.ts";
import { documentOf } from "./document.ts";
import { LIVE_SERVICE } from "./live-document.ts";
import { encodeOperation, withSequences } from "./sequence-document.ts";

/** The content of live-sequences-openapi.json for this version of the package, which describes midx/live-sequences. */
export const liveSequenceDocument = (version: string): object =>
  documentOf(version, {
    ...LIVE_SERVICE,
    title: "midx live with sequences",
    description: `${LIVE_SERVICE.description} Sequences are queries, and /v1/encode returns the query of one, as in sequences-openapi.json.`,
    endpoints: withSequences(LIVE_SERVICE.endpoints),
    paths: {
      ...LIVE_SERVICE.paths,
      [ENCODE_PATH]: encodeOperation(schemaWithFields<unknown>(encodeSchema, live)),
    },
  });

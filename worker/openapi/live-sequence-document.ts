import { live } from "../contract/live-requests.ts";
import { documentOf } from "./document.ts";
import { LIVE_SERVICE } from "./live-document.ts";
import { serviceWithSequences } from "./sequence-document.ts";

/** The content of live-sequences-openapi.json for this version of the package, which describes midx/live-sequences. */
export const liveSequenceDocument = (version: string): object =>
  documentOf(version, serviceWithSequences(LIVE_SERVICE, live));

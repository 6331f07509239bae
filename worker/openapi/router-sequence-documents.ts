import { live } from "../contract/live-requests.ts";
import { documentOf } from "./document.ts";
import { LIVE_ROUTER_SERVICE } from "./live-router-document.ts";
import { ROUTER_SERVICE } from "./router-document.ts";
import { serviceWithSequences } from "./sequence-document.ts";

/** The content of router-sequences-openapi.json for this version of the package: a router that takes sequences. */
export const routerSequenceDocument = (version: string): object =>
  documentOf(version, serviceWithSequences(ROUTER_SERVICE));

/** The content of live-router-sequences-openapi.json for this version of the package: a router that takes changes, too. */
export const liveRouterSequenceDocument = (version: string): object =>
  documentOf(version, serviceWithSequences(LIVE_ROUTER_SERVICE, live));

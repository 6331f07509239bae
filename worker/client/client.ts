import type { ChangeCalls } from "./calls/change-calls.ts";
import type { DecodeCalls } from "./calls/decode-calls.ts";
import type { DrawCalls } from "./calls/draw-calls.ts";
import type { ProbabilityCalls } from "./calls/probability-calls.ts";
import type { SequenceCalls } from "./calls/sequence-calls.ts";
import type { ServiceCalls } from "./calls/service-calls.ts";
import type { VectorizeCalls } from "./calls/vectorize-calls.ts";

/**
 * The methods of the service. A single query gets one answer. An array of 1 to 100 queries gets `results` in the same
 * order.
 *
 * Every method rejects with a `MidxError` if the service refuses the request: 400 `invalid_field` names the field that is
 * wrong, 400 `too_much_work` asks for a smaller request, 503 means that no index can be served now. openapi.json lists all
 * codes. If the network fails or the signal aborts, a method rejects with the error of `fetch`.
 */
export interface Client
  extends ProbabilityCalls,
    DrawCalls,
    DecodeCalls,
    VectorizeCalls,
    SequenceCalls,
    ChangeCalls,
    ServiceCalls {}

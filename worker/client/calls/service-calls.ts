import type { InfoAnswer, ReadyAnswer, RoutedAnswer } from "../../contract/wire.ts";
import type { CallOptions } from "./call-options.ts";

/** Calls about the service itself. */
export interface ServiceCalls {
  /**
   * Describes the index that is served: its version, sizes and content id, and of a router its parts.
   *
   * @param options `signal`
   * @returns the facts about the index
   * @throws TypeError for an option that is unknown or null
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { version, itemCount, dim } = await midx.info();
   */
  info(options?: CallOptions): Promise<InfoAnswer & Partial<RoutedAnswer>>;
  /**
   * Tells that an index is served, and loads it if no request has done so yet. Rejects with a 503 if none can be
   * served.
   *
   * @param options `signal`
   * @returns `status: "degraded"`, with the reason, if a newer index is published that cannot be served; otherwise
   *   "ready"
   * @throws TypeError for an option that is unknown or null
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { status, version } = await midx.ready();
   */
  ready(options?: CallOptions): Promise<ReadyAnswer>;
}

import type { MultiIndex } from "../../src/public.ts";
import { versionOfContent } from "../../src/publication/pointer.ts";
import type { Host } from "./host.ts";
import { type ServiceOptions, settingsOf } from "./settings.ts";

/** A host with one index that never changes. */
export function fixedHost(index: MultiIndex, options: ServiceOptions = {}): Host {
  const served = { index, version: versionOfContent(index.info.contentId) };
  const settings = settingsOf(options);
  return {
    served: async () => served,
    settings: () => settings,
    address: () => "unknown",
    health: () => ({ served, fault: undefined, refreshes: { unchanged: 0, swapped: 0, failed: 0 } }),
    keepAlive: () => undefined,
  };
}

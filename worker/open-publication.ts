import type { IndexSource } from "../src/byte-source.ts";
import type { LoadOptions } from "../src/load-options.ts";
import type { MultiIndex } from "../src/multi-index.ts";
import { versionOfContent } from "../src/pointer.ts";
import type { Served } from "./host.ts";
import { INDEX_LIMITS, SWAP_BYTES } from "./limits.ts";
import { Problem } from "./problem.ts";
import type { Publication } from "./publication/publication.ts";

/** The library's `load`. */
export type Load = (source: IndexSource, options: LoadOptions) => Promise<MultiIndex>;

/** An index with the publication that it came from. */
export interface Loaded extends Served {
  /** Of the publication. */
  readonly tag: string;
}

/** Reads and checks a published index, as the first one of this isolate. */
export function openPublication(load: Load, publication: Publication): Promise<Loaded> {
  return open(load, publication, INDEX_LIMITS);
}

/** The same beside `current`, which answers requests meanwhile: both have to fit, or the new one needs a new isolate. */
export async function openBeside(load: Load, publication: Publication, current: Served): Promise<Loaded> {
  const { memoryBytes } = current.index.info;
  try {
    return await open(load, publication, { ...INDEX_LIMITS, maxBytes: Math.max(1, SWAP_BYTES - memoryBytes) });
  } catch (error) {
    if (!(error instanceof Error && error.name === "RangeError")) throw error;
    throw new Problem(
      "swap_too_large",
      `version ${publication.version ?? "of the new file"} does not fit beside ${current.version}, which takes ` +
        `${memoryBytes} of ${SWAP_BYTES} bytes: deploy the Worker again to serve it (${error.message})`,
    );
  }
}

async function open(load: Load, publication: Publication, options: LoadOptions): Promise<Loaded> {
  const index = await load(await publication.open(), options);
  return { index, version: publication.version ?? versionOfContent(index.info.contentId), tag: publication.tag };
}

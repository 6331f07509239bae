import type { IndexSource, LoadOptions } from "../../src/public.ts";
import { breakingChange, type ClientFacts } from "../../src/publication/client-facts.ts";
import { versionOfContent } from "../../src/publication/pointer.ts";
import { SWAP_BYTES } from "../../src/publication/publishing/successor.ts";
import { INDEX_LIMITS } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import type { Served } from "../host/host.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { Publication } from "./publication.ts";

/** The library's `load`, or a function that opens another kind of publication. */
export type Load<Source = IndexSource> = (
  source: Source,
  options: LoadOptions,
  publication?: Publication<Source>,
) => Promise<ServedIndex>;

/** A loaded index with the facts of its publication. */
export interface Loaded extends Served {
  /** The tag of the publication. Undefined if another look at the same publication has more to load. */
  readonly tag: string | undefined;
  readonly contract: string | undefined;
  /** Identifies its file, and the changes of the log that are applied to it. */
  readonly file?: string;
  readonly canary?: LoadedCanary | undefined;
}

/** A loaded index that answers a share of the callers of another one. */
export interface LoadedCanary extends Loaded {
  readonly share: number;
}

/**
 * Identifies the file of a publication: by its hash, or by the tag if that is all that is known. The same file with another number
 * of changes is another one, because an index that is loaded has applied those from that number on.
 */
export const fileOf = ({ file, tag, sequence = 0 }: Pick<Publication<unknown>, "file" | "tag" | "sequence">): string =>
  file === undefined ? tag : `${file} ${sequence}`;

/** Reads and checks a published index as the first one of this isolate. */
export function openPublication<Source>(load: Load<Source>, publication: Publication<Source>): Promise<Loaded> {
  return open(load, publication, INDEX_LIMITS);
}

/**
 * Opens the publication before one that failed with `reason`. It rejects with `reason` if there is none, if it fails too, or
 * if it has another contract and would break the clients of the current publication.
 */
export async function openPrevious<Source>(
  load: Load<Source>,
  publication: Publication<Source>,
  reason: unknown,
): Promise<Loaded> {
  const { facts, contract } = publication;
  try {
    const previous = await publication.previous?.();
    const loaded = previous && (await openPublication(load, previous));
    const isBreaking = loaded && facts && loaded.contract !== contract && breakingChange(facts, loaded.index.info);
    if (loaded && !isBreaking) return loaded;
    loaded?.index.dispose();
  } catch {
    // The reason of the current publication is of more use for a repair.
  }
  throw reason;
}

/**
 * Opens a publication while `current` answers requests. Both indexes have to fit in memory, otherwise the new one needs a
 * new isolate. The new index must not break the clients of `current`, unless its publisher has begun a new contract.
 */
export async function openBeside<Source>(
  load: Load<Source>,
  publication: Publication<Source>,
  current: Loaded,
): Promise<Loaded> {
  const { memoryBytes } = current.index.info;
  if (publication.facts) requireCompatible(publication, publication.facts, current);
  try {
    const next = await open(load, publication, { ...INDEX_LIMITS, maxBytes: Math.max(1, SWAP_BYTES - memoryBytes) });
    requireCompatible(publication, next.index.info, current);
    return next;
  } catch (error) {
    if (!(error instanceof Error && error.name === "RangeError")) throw error;
    throw new Problem(
      "swap_too_large",
      `version ${publication.version ?? "of the new file"} does not fit in memory beside ${current.version}, which takes ` +
        `${memoryBytes} of ${SWAP_BYTES} bytes: deploy the Worker again to serve it (${error.message})`,
    );
  }
}

function requireCompatible(
  { version, contract }: Pick<Publication, "version" | "contract">,
  facts: ClientFacts,
  current: Loaded,
): void {
  const change = contract === current.contract && breakingChange(current.index.info, facts);
  if (!change) return;
  throw new Problem(
    "incompatible_version",
    `version ${version ?? "of the new file"} would break the clients of ${current.version}, as it has ${change}: ` +
      "publish it with --incompatible once they are ready, or deploy the Worker again",
  );
}

async function open<Source>(
  load: Load<Source>,
  publication: Publication<Source>,
  options: LoadOptions,
): Promise<Loaded> {
  const { tag, contract, version } = publication;
  const index = await load(await publication.open(), options, publication);
  return {
    index,
    version: version ?? versionOfContent(index.info.contentId),
    tag,
    contract,
    file: fileOf(publication),
  };
}

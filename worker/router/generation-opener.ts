import { PartProblem } from "../parts/part-problem.ts";
import type { PublishedManifest } from "../publication/manifest-at.ts";
import type { Load } from "../publication/open-publication.ts";
import type { RoutedGroup } from "./routed-group.ts";
import type { RouterIndex } from "./router-index.ts";

/** How a manifest is opened, and what its groups of parts are. */
interface Opening {
  readonly open: (source: PublishedManifest, isFirst: boolean) => Promise<RouterIndex>;
  readonly groupsOf: (source: PublishedManifest) => readonly RoutedGroup[];
}

/**
 * Opens the generations of a router, each after the one before. New parts that have no host here keep a generation from clients,
 * but not from routers above, which may ask other routers for these parts.
 */
export class GenerationOpener {
  readonly #opening: Opening;
  #newest: RouterIndex | undefined;
  #onlyAbove: RouterIndex | undefined;

  constructor(opening: Opening) {
    this.#opening = opening;
  }

  readonly load: Load<PublishedManifest> = async (source, _, publication) => {
    const index = await this.#opening.open(source, this.#newest === undefined);
    const lacking = await newWithoutHost(index.groups, async () => {
      if (this.#newest) return this.#newest.groups;
      const previous = await publication?.previous?.();
      return previous && this.#opening.groupsOf(await previous.open());
    });
    if (lacking) {
      this.#onlyAbove = index;
      const part = `part ${lacking.numbers.join()} of version ${source.manifest.version}`;
      throw new PartProblem("part_missing", `${part} has no host here: give this router one, and start it again`);
    }
    this.#newest = index;
    return index;
  };

  /** Returns a generation that only routers above are answered with. */
  onlyAbove(generation: string): RouterIndex | undefined {
    return this.#onlyAbove?.info.contentId === generation ? this.#onlyAbove : undefined;
  }
}

/**
 * Returns new parts that have no host here, although all parts of the version before have one. A router below another one has
 * hosts of its own parts alone, so it lacked some before, too.
 */
async function newWithoutHost(
  groups: readonly RoutedGroup[],
  before: () => Promise<readonly RoutedGroup[] | undefined>,
): Promise<RoutedGroup | undefined> {
  const lacking = groups.find(({ hasHost }) => !hasHost);
  const groupsBefore = lacking && (await before().catch(() => undefined));
  return groupsBefore?.every(({ hasHost }) => hasHost) ? lacking : undefined;
}

import { declaredOf } from "../../../src/changes/class-values.ts";
import { PlacedChanges } from "../../../src/changes/placed-changes.ts";
import type { ChangeLog } from "../../../src/publication/change-log.ts";
import type { ManifestPart } from "../../../src/publication/manifest.ts";
import { LiveProblem } from "../../contract/live-problems.ts";
import type { GroupInfo } from "../../parts/answering-part.ts";
import type { ChangeFacts } from "../../parts/changing-part.ts";
import { PartAhead } from "../../parts/part-failure.ts";
import type { PublishedManifest } from "../../publication/manifest-at.ts";
import type { ChangedIndex } from "../../router/asked-changes.ts";
import type { RouterInfo } from "../../router/merged-info.ts";
import type { AskedChanges, Asking } from "../../router/part-client.ts";
import type { RoutedGroup } from "../../router/routed-group.ts";
import { atOnce } from "../../router/router-facts.ts";
import type { RouterIndex } from "../../router/router-index.ts";
import type { Changing } from "../changing.ts";
import { ofAllParts } from "./of-all-parts.ts";
import { type PartChanger, partChangerOf } from "./part-changer.ts";
import { RoutedChanges, type RoutedState } from "./routed-changes.ts";

/** The longest that a router waits, in ms, until its parts have changes before it asks for answers with these. */
const BRING_MS = 1000;

/** The way to the parts of a router. */
export interface WayToParts {
  readonly log: () => ChangeLog;
  readonly asking: () => Asking;
  /** Tells whether every part must have changes before answers do: as long as another version answers. */
  readonly isStrict: () => boolean;
  /** Called when hosts turn out to have lost this generation, so that only another version helps. */
  readonly onGone: () => void;
  /** The most rows that writers may fill, if that is less than parts allow. */
  readonly maxDelta: number | undefined;
}

/** Makes a router's index follow the log, whose changes its parts get from here. */
export async function followLog(
  { manifest }: PublishedManifest,
  index: RouterIndex,
  { log, asking, isStrict, onGone, maxDelta: wanted }: WayToParts,
): Promise<Omit<Changing, "inSteps">> {
  const { version } = manifest;
  const { info, groups } = index;
  const changers = groups.map((group) => changerOf(group, version));
  const described = changers.map((changer) => changer.facts(asking()));
  const facts = (await ofAllParts(described, groups)).flat();
  requireAlike(facts, version);
  const parts = groups.flatMap((group) => group.parts);
  const placesOf = placesByGroup(groups);
  const sequence = manifest.log?.sequence ?? 0;
  const placed = new PlacedChanges(
    facts.map((part, i) => ({ ...part, classes: (parts[i] as ManifestPart).classes, first: firstOf(parts, i) })),
    { isCosine: info.metric === "cosine", columns: declaredOf(info.columns), space: info.space },
  );
  const changes = new RoutedChanges(
    {
      placed,
      sequence,
      info,
      find: async (labels) => {
        const finding = changers.map((changer) => changer.fileIds(labels, asking()));
        return (await ofAllParts(finding, groups, onGone)).flat().map(({ ids }) => foundIn(labels, ids));
      },
      bring: async (state) => {
        const bringing = changers.map((changer, group) =>
          changer.bring(changes.upTo(state, placesOf[group] as readonly number[]), asking()).catch(unlessAhead),
        );
        if (isStrict()) await ofAllParts(bringing, groups);
        else
          await Promise.race([Promise.allSettled(bringing), new Promise((resolve) => setTimeout(resolve, BRING_MS))]);
      },
    },
    log,
  );
  const asked = (to: RoutedState): AskedChanges => ({
    state: to.state,
    added: placesOf.map((places) => addedIn(to, places)),
    ask: ({ parts: { place: group } }, host, send) =>
      (changers[group] as PartChanger).ask(changes.upTo(to, placesOf[group] as readonly number[]), host, send),
  });
  const room = facts.reduce((sum, part) => sum + part.room, 0);
  let last: { readonly of: RoutedState; readonly index: ChangedIndex } | undefined;
  index.follow(() => {
    const { current } = changes;
    if (last?.of !== current) {
      const now = asked(current);
      last = { of: current, index: { ...now, ...changedFacts(current, now, { info, groups, room }) } };
    }
    return last.index;
  });
  return {
    index,
    sequence,
    maxDelta: Math.min(wanted ?? Number.MAX_SAFE_INTEGER, ...facts.map((part) => part.maxDelta)),
    changesByPart: () => {
      const { rowCounts, added } = changes.current.classes;
      return parts.map(({ number: part }, i) => ({
        ...{ part, rowCount: rowCounts[i] ?? 0, addedCount: added[i]?.length ?? 0 },
      }));
    },
    take: (...page) => changes.take(...page),
    check: (set, most) => changes.check(set, most),
    presence: (labels) => changes.presence(labels),
  };
}

/** A part that another router has brought more is as good as one that has what it is brought here. */
function unlessAhead(error: unknown): void {
  if (!(error instanceof PartAhead)) throw error;
}

/** Changes are divided among parts by their labels. */
function changerOf(group: RoutedGroup, version: string): PartChanger {
  if (group.info.hasLabels) return partChangerOf(group);
  const why = 'its parts were built without "labels", which say where a change goes';
  throw new LiveProblem("log_unfit", `version ${version} takes no changes: ${why}`);
}

/** The places of the parts of each group among all parts. */
function placesByGroup(groups: readonly RoutedGroup[]): number[][] {
  let next = 0;
  return groups.map(({ parts }) => parts.map(() => next++));
}

/** Returns the ids of the classes that changes have added to some parts, ascending. */
function addedIn({ classes: { added } }: RoutedState, places: readonly number[]): readonly number[] {
  const [own = [], ...others] = places.map((place) => added[place] as readonly number[]);
  return others.length === 0 ? own : own.concat(...others).sort((a, b) => a - b);
}

/** The changes of all parts have one form. */
function requireAlike(facts: readonly ChangeFacts[], version: string): void {
  const forms = facts.map(({ rows }) => JSON.stringify(rows));
  const other = forms.findIndex((form) => form !== forms[0]);
  if (other < 0) return;
  throw new LiveProblem(
    "log_unfit",
    `version ${version} takes no changes: the part at place ${other} expected rows ${forms[0]}, got ${forms[other]}`,
  );
}

const firstOf = (parts: readonly ManifestPart[], i: number): number =>
  parts.slice(0, i).reduce((sum, { classes }) => sum + classes, 0);

function foundIn(labels: readonly string[], ids: readonly (number | null)[]): ReadonlyMap<string, number> {
  return new Map(labels.flatMap((label, i) => (ids[i] === null ? [] : [[label, ids[i] as number]])));
}

interface FileFacts {
  readonly info: RouterInfo;
  readonly groups: readonly RoutedGroup[];
  readonly room: number;
}

/** Returns what changes have made of the facts of the files. */
function changedFacts(
  { classes: { itemCount, changes, removedIds } }: RoutedState,
  { added }: Pick<AskedChanges, "added">,
  { info, groups, room }: FileFacts,
): Pick<ChangedIndex, "info" | "parts" | "isRemoved"> {
  const infos = groups.flatMap(({ described }, i) => {
    if (!described) return [];
    const { largest } = described;
    const grown = (file: GroupInfo): GroupInfo => ({ ...file, itemCount: file.itemCount + (added[i]?.length ?? 0) });
    return [{ ...grown(described), ...(largest && { largest: grown(largest) }) }];
  });
  return {
    info: { ...info, itemCount, changes: { ...changes, maxDelta: room } },
    parts: atOnce(infos),
    isRemoved: (id) => removedIds.has(id),
  };
}

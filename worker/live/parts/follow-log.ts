import { declaredOf } from "../../../src/changes/class-values.ts";
import { PlacedChanges } from "../../../src/changes/placed-changes.ts";
import type { ChangeLog } from "../../../src/publication/change-log.ts";
import { LiveProblem } from "../../contract/live-problems.ts";
import type { ChangeFacts } from "../../parts/changing-part.ts";
import { PartAhead, PartFailure, UnknownGeneration } from "../../parts/part-failure.ts";
import { PartProblem } from "../../parts/part-problem.ts";
import type { PublishedManifest } from "../../publication/manifest-at.ts";
import type { ChangedIndex } from "../../router/asked-changes.ts";
import type { RouterInfo } from "../../router/merged-info.ts";
import type { AskedChanges, Asking } from "../../router/part-client.ts";
import type { RoutedGroup } from "../../router/routed-group.ts";
import { atOnce, type RouterIndex } from "../../router/router-index.ts";
import type { Changing } from "../changing.ts";
import { PartChanger } from "./part-changer.ts";
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
  const facts = await all(described, groups);
  requireAlike(facts, version);
  const sequence = manifest.log?.sequence ?? 0;
  const placed = new PlacedChanges(
    facts.map((part, i) => ({ ...part, classes: (groups[i] as RoutedGroup).classes, first: firstOf(groups, i) })),
    { isCosine: info.metric === "cosine", columns: declaredOf(info.columns), space: info.space },
  );
  const changes = new RoutedChanges(
    {
      ...{ placed, sequence, info },
      find: async (labels) => {
        const finding = changers.map((changer) => changer.fileIds(labels, asking()));
        return (await all(finding, groups, onGone)).map((ids) => foundIn(labels, ids));
      },
      bring: async (state) => {
        const bringing = changers.map((changer, place) =>
          changer.bring(changes.upTo(state, place), asking()).catch(unlessAhead),
        );
        if (isStrict()) await all(bringing, groups);
        else
          await Promise.race([Promise.allSettled(bringing), new Promise((resolve) => setTimeout(resolve, BRING_MS))]);
      },
    },
    log,
  );
  const asked = (to: RoutedState): AskedChanges => ({
    ...{ state: to.state, added: to.classes.added },
    ask: ({ parts: { place } }, host, send) =>
      (changers[place] as PartChanger).ask(changes.upTo(to, place), host, send),
  });
  const room = facts.reduce((sum, part) => sum + part.room, 0);
  let last: { readonly of: RoutedState; readonly index: ChangedIndex } | undefined;
  index.follow(() => {
    const { current } = changes;
    if (last?.of !== current) {
      last = { of: current, index: { ...asked(current), ...changedFacts(current, { info, groups, room }) } };
    }
    return last.index;
  });
  return {
    ...{ index, sequence },
    maxDelta: Math.min(wanted ?? Number.MAX_SAFE_INTEGER, ...facts.map((part) => part.maxDelta)),
    rowsByPart: () => groups.map(({ numbers: [number = 0] }, i) => [number, changes.current.classes.rowCounts[i] ?? 0]),
    take: (...page) => changes.take(...page),
    check: (set, most) => changes.check(set, most),
    presence: (labels) => changes.presence(labels),
  };
}

/** A part that another router has brought more is as good as one that has what it is brought here. */
function unlessAhead(error: unknown): void {
  if (!(error instanceof PartAhead)) throw error;
}

/** Changes are divided among single parts, by their labels. */
function changerOf({ client, numbers, info, classes }: RoutedGroup, version: string): PartChanger {
  if (client && numbers.length === 1 && info.hasLabels) return new PartChanger(client, classes);
  const why = info.hasLabels
    ? `parts ${numbers.join()} are behind another router, and changes go to single parts`
    : 'its parts were built without "labels", which say where a change goes';
  throw new LiveProblem("log_unfit", `version ${version} takes no changes: ${why}`);
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

const firstOf = (groups: readonly RoutedGroup[], i: number): number =>
  groups.slice(0, i).reduce((sum, { classes }) => sum + classes, 0);

function foundIn(labels: readonly string[], ids: readonly (number | null)[]): ReadonlyMap<string, number> {
  return new Map(labels.flatMap((label, i) => (ids[i] === null ? [] : [[label, ids[i] as number]])));
}

/** Waits for all parts. PartProblem for one that does not answer. */
async function all<T>(
  asked: readonly Promise<T>[],
  groups: readonly RoutedGroup[],
  onGone = (): void => undefined,
): Promise<T[]> {
  const outcomes = await Promise.allSettled(asked);
  return outcomes.map((outcome, i) => {
    if (outcome.status === "fulfilled") return outcome.value;
    const { reason } = outcome;
    if (!(reason instanceof PartFailure)) throw reason;
    if (reason instanceof UnknownGeneration) onGone();
    throw new PartProblem("part_missing", `part ${groups[i]?.numbers.join()}: ${reason.message}`);
  });
}

interface FileFacts {
  readonly info: RouterInfo;
  readonly groups: readonly RoutedGroup[];
  readonly room: number;
}

/** Returns what changes have made of the facts of the files. */
function changedFacts(
  { classes: { itemCount, changes, added, removedIds } }: RoutedState,
  { info, groups, room }: FileFacts,
): Pick<ChangedIndex, "info" | "parts" | "isRemoved"> {
  const infos = groups.flatMap(({ described }, i) =>
    described ? [{ ...described, itemCount: described.itemCount + (added[i]?.length ?? 0) }] : [],
  );
  return {
    info: { ...info, itemCount, changes: { ...changes, maxDelta: room } },
    parts: atOnce(infos),
    isRemoved: (id) => removedIds.has(id),
  };
}

import { isManifest, type Published, sequenceOf } from "../../publication/publishing/current.ts";

/** An action that may warn its user before it changes anything. */
export interface Noting {
  readonly onNote?: (note: string) => void;
}

/**
 * Warns of a version of fewer parts than the current one, of an index that changes. Each part has as much room for changes as
 * `midx serve --max-delta` says, which is not known here, so writers may have room or not. Undefined for others.
 */
export function noteOfFewerParts(before: Published | undefined, after: Published): string | undefined {
  if (before === undefined || Math.max(sequenceOf(before), sequenceOf(after)) === 0) return undefined;
  const [had, has] = [before, after].map((each) => (isManifest(each) ? each.parts.length : 1)) as [number, number];
  if (has >= had) return undefined;
  return (
    `version ${after.version} has ${has} part${has === 1 ? "" : "s"} and ${before.version} has ${had}, so it has room for fewer ` +
    `changes: a service whose log has more of them behind ${sequenceOf(after)} than --max-delta in each part takes no new labels, ` +
    "or refuses the version if its parts are at other hosts (delta_full), until --max-delta is raised"
  );
}

import type { QueryConditions } from "./query-conditions.ts";

/** Returns the id that a class has in another index, undefined for a class that this one lacks. */
export type Renaming = (id: number) => number | undefined;

/** Returns conditions with the classes that they name by id renamed. Those that the other index lacks are left out. */
export function withRenamedClasses(
  { exclude, allow, bias, history, ...others }: QueryConditions,
  idOf: Renaming,
): QueryConditions {
  const renamed = (ids: ArrayLike<number>): number[] =>
    Array.from(ids, (id) => idOf(id)).filter((id) => id !== undefined);
  return {
    ...others,
    ...(exclude && { exclude: renamed(exclude) }),
    ...(allow && { allow: renamed("bitmap" in allow ? idsIn(allow.bitmap) : allow) }),
    ...(bias && { bias: { ids: renamed(bias.ids), values: valuesOfKnown(bias, idOf) } }),
    ...(history && { history: renamed(history) }),
  };
}

const valuesOfKnown = ({ ids, values }: NonNullable<QueryConditions["bias"]>, idOf: Renaming): number[] =>
  Array.from(values).filter((_, i) => idOf(ids[i] as number) !== undefined);

/** Returns the places of the bits that are set. */
const idsIn = (bitmap: Uint8Array): number[] =>
  Array.from(bitmap).flatMap((byte, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => 8 * at + bit),
  );

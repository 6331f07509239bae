import type { FilterColumn } from "../columns/check-columns.ts";
import { DEFAULT_LIMITS } from "../memory/load-options.ts";
import type { PartInfo } from "./part.ts";

/** Returns the facts about all parts together. Their `dim`, `metric` and `space` are known to be the same. */
export function infoOfParts(infos: readonly PartInfo[], hasMergedCurves: boolean): PartInfo {
  const { dim, metric } = infos[0] as PartInfo;
  const space = infos.find((info) => info.space !== undefined)?.space;
  const columns = commonColumns(infos);
  const least = (limit: "maxK" | "maxScan" | "maxDraws"): number =>
    Math.min(...infos.map((info) => info[limit] ?? DEFAULT_LIMITS[limit]));
  return Object.freeze({
    itemCount: infos.reduce((sum, { itemCount }) => sum + itemCount, 0),
    dim,
    metric,
    ...(space !== undefined && { space }),
    ...(columns && { columns }),
    hasFineCodes: infos.every(({ hasFineCodes }) => hasFineCodes),
    hasLabels: infos.every(({ hasLabels }) => hasLabels === true),
    ...{ maxK: least("maxK"), maxScan: least("maxScan"), maxDraws: least("maxDraws") },
    hasRecallCurve: hasMergedCurves || infos.some(({ hasRecallCurve }) => hasRecallCurve),
    numbers: Object.freeze(infos.flatMap(({ numbers }) => numbers).sort((a, b) => a - b)),
  });
}

/** Returns the columns of parts. Undefined if they differ, or if a part does not say which it has. */
const commonColumns = (infos: readonly PartInfo[]): readonly FilterColumn[] | undefined =>
  new Set(infos.map(textOf)).size === 1 ? infos[0]?.columns : undefined;

const textOf = ({ columns }: PartInfo): string | undefined =>
  columns && JSON.stringify(columns.map(({ name, type }) => [name, type]));

import type { FilterColumn } from "../columns/check-columns.ts";
import type { PartInfo } from "./part.ts";

const textOf = ({ columns }: PartInfo): string | undefined =>
  columns && JSON.stringify(columns.map(({ name, type }) => [name, type]));

/** Returns the columns of parts. Undefined if they differ, or if a part does not say which it has. */
export const commonColumns = (infos: readonly PartInfo[]): readonly FilterColumn[] | undefined =>
  new Set(infos.map(textOf)).size === 1 ? infos[0]?.columns : undefined;

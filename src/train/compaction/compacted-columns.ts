import type { ColumnValue } from "../../format/columns.ts";
import { codeDtype, columnTensor, NAMESPACE } from "../../format/columns.ts";
import { type Column, codedValue } from "../../memory/columns.ts";
import type { ColumnTable } from "../build/build-options.ts";
import { type EncodedColumns, encodeColumns } from "../build/encode-columns.ts";
import type { BaseIndex } from "./base-index.ts";
import type { ResolvedChanges } from "./resolved-changes.ts";

const CODES = { U8: Uint8Array, U16: Uint16Array, I32: Int32Array } as const;

/**
 * Encodes the columns of the classes that are left. A class has the values that changes have given it, and otherwise those of
 * the file. Values that no class has any more leave the file.
 */
export function compactColumns(
  base: BaseIndex,
  { oldIds, freshRows, values: given }: ResolvedChanges,
): EncodedColumns | undefined {
  const tables: [string, ColumnTable][] = (base.facts.columns?.list ?? []).map((facts, i) => {
    const part = (name: Parameters<typeof columnTensor>[1]): Uint8Array =>
      base.bytes(columnTensor(i, name)) as Uint8Array;
    const { buffer, byteOffset } = part("codes");
    const codes = new CODES[codeDtype(facts)](buffer as ArrayBuffer, byteOffset, base.facts.itemCount);
    const column: Column = { ...facts, codes, ...valuesOf(facts, part) };
    const known = new Map<number, ColumnValue | undefined>();
    const values = Array.from(oldIds, (oldId, id) => {
      const changed = given[freshRows[id] as number]?.[i];
      if (changed !== undefined) return changed;
      if (oldId < 0) return undefined;
      const code = codes[base.positions[oldId] as number] as number;
      if (!known.has(code)) known.set(code, codedValue(column, code));
      return known.get(code);
    });
    return [facts.name, { type: facts.type, values }];
  });
  const columns = Object.fromEntries(tables.filter(([name]) => name !== NAMESPACE));
  const namespaces = tables.find(([name]) => name === NAMESPACE)?.[1].values;
  return encodeColumns(columns, namespaces, oldIds.length);
}

function valuesOf(
  { type, distinct, textBytes }: Pick<Column, "type" | "distinct" | "textBytes">,
  part: (name: Parameters<typeof columnTensor>[1]) => Uint8Array,
): Pick<Column, "numbers" | "texts"> {
  if (type === "boolean") return {};
  if (type === "number") {
    const { buffer, byteOffset } = part("numbers");
    return { numbers: new Float64Array(buffer as ArrayBuffer, byteOffset, distinct) };
  }
  const { buffer, byteOffset } = part("offsets");
  const offsets = new Int32Array(buffer as ArrayBuffer, byteOffset, distinct + 1);
  return { texts: { offsets, text: part("text").subarray(0, textBytes) } };
}

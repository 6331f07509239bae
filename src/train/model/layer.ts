import { LAYER_BIASES, LAYER_BYTES, LAYER_DIM, LAYER_ROW_COUNT, LAYER_ROWS } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";
import type { Table } from "./tables.ts";

/** Writes the struct of a layer, hidden or of all classes, for `scoreRows` and `scorePicked`. */
export const placeLayer = (arena: Arena, { values, rows, width }: Table, bias: Table): number =>
  arena.struct(LAYER_BYTES, {
    [LAYER_ROWS]: values,
    [LAYER_BIASES]: bias.values,
    [LAYER_ROW_COUNT]: rows,
    [LAYER_DIM]: width,
  });

import { FormatError } from "../../bytes/format-error.ts";
import { quoteName } from "../../bytes/strict-json.ts";
import { naming, namingAll } from "../files/input-file.ts";
import { MAX_HEADER_BYTES } from "../files/stated-bytes.ts";
import { jsonEntries } from "./json-entries.ts";
import { matrixTable } from "./matrix.ts";
import { chooseTensor } from "./named-tensors.ts";
import { locateSafetensors } from "./safetensors.ts";
import { openBeside, type SourceFile } from "./source.ts";
import type { InputTable, TableRequest } from "./table.ts";

/**
 * Opens a tensor of a model in several .safetensors files, through the index beside them:
 *
 *     {"metadata": {…}, "weight_map": {"lm_head.weight": "model-00002-of-00002.safetensors", …}}
 *
 * It opens only the file that has the tensor.
 *
 * @throws FormatError shards-size, shards-map, shards-path, and those of jsonEntries
 */
export const openShards = async (file: SourceFile, request: TableRequest): Promise<InputTable> => {
  if (file.byteLength > MAX_HEADER_BYTES) {
    throw new FormatError(
      "shards-size",
      0,
      `the index has ${file.byteLength} bytes, expected at most ${MAX_HEADER_BYTES}`,
    );
  }
  const map = weightMap(jsonEntries(await file.read(0, file.byteLength)));
  const tensors = map.map(([name, shard]) => ({ name, shard, fits: true }));
  const { name, shard } = chooseTensor(tensors, request);
  checkBeside(shard, name);
  const opened = await openBeside(file, shard);
  const { path } = opened;
  return naming(path, async () => {
    try {
      const table = matrixTable(opened, await locateSafetensors(opened, { ...request, tensor: name }));
      return {
        ...table,
        chunks: (chunkRows, firstRow) => namingAll(path, table.chunks(chunkRows, firstRow)),
        close: () => opened.close(),
      };
    } catch (error) {
      await opened.close();
      throw error;
    }
  });
};

function weightMap(entries: readonly [string, unknown][]): [name: string, shard: string][] {
  const map = entries.find(([key]) => key === "weight_map")?.[1];
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    throw new FormatError("shards-map", 0, '"weight_map" expected an object of tensor names and files');
  }
  return Object.entries(map).map(([name, shard]) => {
    if (typeof shard === "string") return [name, shard];
    throw new FormatError("shards-map", 0, `"weight_map" ${quoteName(name)} expected the name of a file`);
  });
}

/** Checks that the index names a file beside it, and not a path such as `../secret`. */
function checkBeside(shard: string, tensor: string): void {
  if (/^[^/\\:\0]+$/.test(shard) && shard !== "." && shard !== "..") return;
  const message = `${quoteName(tensor)} expected the name of a file in the same folder, got ${quoteName(shard)}`;
  throw new FormatError("shards-path", 0, message);
}

import { loadWith } from "../../index/load.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { type ItemEncoding, sampleQueries } from "../stand-ins/sampled-sequences.ts";
import type { DrawQueries } from "./calibrate-build.ts";

/** Returns a function that makes queries of sequences which the model in an index file draws itself. */
export const drawnBy =
  (openEncoder: (index: MultiIndex) => ItemEncoding | Promise<ItemEncoding>): DrawQueries =>
  async (modules, file, sampling, yieldIfDue) => {
    const index = await loadWith(modules, file, { maxBytes: ADDRESSABLE_BYTES });
    try {
      return (await sampleQueries(await openEncoder(index), index, sampling, yieldIfDue)).queries;
    } finally {
      index.dispose();
    }
  };

import { factsOfInfo } from "../../publication/facts-of-info.ts";
import type { ReadFacts } from "../../publication/publishing/published-facts.ts";

/** Reads the facts of an index file as a Worker has them. */
export const readFacts: ReadFacts = async (file) => {
  const { loadAsWorker } = await import("./load-as-worker.ts"); // only this needs the kernels
  return factsOfInfo(await loadAsWorker(file));
};

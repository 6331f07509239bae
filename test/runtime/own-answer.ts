import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execute } from "./execute.ts";

/** Prints the ids and bits of an answer of the index, with given modules or without. */
export const ANSWER = `
  const answer = async (load, file, options) => {
    const { ids, probabilities } = (await load(file, options)).predict(new Float32Array(100).fill(0.1), 5, { seed: 1 });
    return JSON.stringify([Array.from(ids), Array.from(probabilities)]);
  };`;

/** The answer of the library with its own modules. */
export const ownAnswer = (installed: string, file: string): Promise<string> => {
  const program = join(installed, "own-modules.js");
  writeFileSync(
    program,
    `import { readFileSync } from "node:fs"; import { load } from "midx";${ANSWER}
     console.log(await answer(load, readFileSync(${JSON.stringify(file)}), {}));`,
  );
  return execute(installed, process.execPath, program);
};

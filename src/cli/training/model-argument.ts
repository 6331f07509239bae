import { shellWord } from "../process/shell-word.ts";

/** The argument of `midx build` that reads a trained model, which midx build knows by its extension. */
export const modelArgument = (path: string): string =>
  path.endsWith(".safetensors") ? shellWord(path) : `${shellWord(path)} --format safetensors`;

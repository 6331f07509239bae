import type { Option } from "commander";

/** Sets the heading under which `--help` lists these options. */
export const optionGroup = (heading: string, options: readonly Option[]): readonly Option[] =>
  options.map((option) => option.helpGroup(`${heading}:`));

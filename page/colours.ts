export type ColourName = "ground" | "ink" | "quiet" | "line" | "midx" | "unigram" | "uniform";

/** A colour of style/theme.css, which is another one in the dark. */
export const colour = (name: ColourName): string => `var(--${name})`;

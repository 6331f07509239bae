export type ColourName = "ground" | "ink" | "quiet" | "line" | "midx" | "unigram" | "uniform";

/** Returns a colour of style/theme.css, which depends on the light or dark theme. */
export const colour = (name: ColourName): string => `var(--${name})`;

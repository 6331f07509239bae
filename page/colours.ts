export type ColourName = "ground" | "ink" | "quiet" | "line" | "midx" | "unigram" | "uniform";

/** A colour of page.css as it is now, in the light or in the dark. */
export const colour = (name: ColourName): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Calls when light and dark change. */
export function onSchemeChange(redraw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

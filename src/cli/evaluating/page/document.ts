import { escapeHtml } from "./escape-html.ts";
import { STYLE } from "./style.ts";

/** Returns an HTML document without scripts or other files. */
export const documentOf = (title: string, parts: readonly string[]): string =>
  [
    "<!doctype html>",
    '<html lang="en">',
    '<head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>`,
    `<body>${parts.join("\n")}</body>`,
    "</html>",
    "",
  ].join("\n");

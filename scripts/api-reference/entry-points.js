import packageJson from "../../package.json" with { type: "json" };

/** Maps the declarations of each entry point to the name that a program imports: "train" → "midx/train". */
export const entryPoints = new Map();
for (const [path, { types }] of Object.entries(packageJson.exports)) {
  if (types) entryPoints.set(/^\.\/dist\/([\w-]+)\.d\.ts$/.exec(types.default)[1], `midx${path.slice(1)}`);
}

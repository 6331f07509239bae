// npm run build:assets builds the index of examples/next-word as build/assets/index.midx, which wrangler.toml serves, unless
// an index has been published there. It runs after bundle.ts, because it uses the command line.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { exampleBuild } from "./demo/example-index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = "build/assets";
const index = `${folder}/index.midx`;

if (!existsSync(root + index)) {
  mkdirSync(root + folder, { recursive: true });
  execFileSync(process.execPath, ["dist/cli.js", ...exampleBuild(index)], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

// npm run build:kernels [-- release | debug | a target of asconfig.json …] compiles the kernels whose sources have changed
// into build/, or only those that are named. It prints only the warnings and errors of the compiler.
import { fileURLToPath } from "node:url";
import { buildKernels } from "./kernels/build.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

try {
  const { warnings } = await buildKernels(root, process.argv.slice(2));
  for (const warning of warnings) console.error(warning);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

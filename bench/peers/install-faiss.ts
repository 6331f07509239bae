// Compiles faiss-node's binding against Debian's faiss (apt-get install libfaiss-dev libopenblas-dev g++), if that is
// installed. The package's own install script would download a binary from GitHub or clone faiss. `npm ci` runs this.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("node_modules", import.meta.url));
const source = `${modules}/faiss-node/src/faiss.cc`;
const headers = "/usr/include/faiss";

if (!existsSync(source) || !existsSync(headers)) {
  console.log("faiss-node: not compiled (it needs Debian's libfaiss-dev, libopenblas-dev and g++)");
} else {
  const folder = `${modules}/faiss-node/build/Release`;
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync(
    "g++",
    [
      ...["-O3", "-std=c++17", "-shared", "-fPIC", "-fopenmp"],
      ...["-DNAPI_VERSION=6", "-DNODE_GYP_MODULE_NAME=faiss_node"],
      ...[`-I${modules}/node-api-headers/include`, `-I${modules}/node-addon-api`],
      ...[source, "-o", `${folder}/faiss-node.node`, "-lfaiss", "-llapack", "-lblas"],
    ],
    { stdio: "inherit" },
  );
  const version = readFileSync(`${headers}/Index.h`, "utf8").matchAll(/#define FAISS_VERSION_\w+ (\d+)/g);
  writeFileSync(`${folder}/faiss-version`, Array.from(version, ([, part]) => part).join("."));
  console.log(`faiss-node: ${status === 0 ? "compiled" : "failed to compile"} against Debian's faiss`);
}

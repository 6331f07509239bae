// node publish-some.ts FOLDER NAME COUNT publishes COUNT different files to a folder to which others publish as well. It
// prints the versions that became current, one per line, without those that others overtook.
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";

const [folder = "", name = "", count] = process.argv.slice(2);
for (let i = 0; i < Number(count); i++) {
  const version = `${name}-${i}`;
  try {
    await publish(folderStore(folder), "words/current.json", new TextEncoder().encode(`file ${version}`), { version });
    console.log(version);
  } catch (error) {
    if (!(error as Error).message.startsWith("another publication came first: ")) throw error;
  }
}

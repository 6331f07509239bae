// Publishes so many files, each another one, to a folder that others publish to as well: node publish-some.ts FOLDER NAME
// COUNT. Prints the versions that became current, one a line; those that others overtook are left out.
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

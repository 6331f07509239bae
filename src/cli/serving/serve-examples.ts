import { TOKEN_VARIABLE } from "./token.ts";

/** The text below the help of `midx serve`. */
export const SERVE_EXAMPLES = `
Without --token-file and --token, the token comes from the environment variable ${TOKEN_VARIABLE}, if it is set.

Example:
  $ midx serve next-word.midx --port 8787
  $ curl http://127.0.0.1:8787/v1/info

The demo page is at http://127.0.0.1:8787/.

With changes, which are kept in a folder:
  $ midx serve next-word.midx --log next-word.log --write-token-file token.txt

A manifest in one process, and with each part in a process of its own:
  $ midx serve words/manifest.json
  $ midx serve words/manifest.json --part 0 --port 8788
  $ midx serve words/manifest.json --part 1 --port 8789
  $ midx serve words/manifest.json --part-at http://127.0.0.1:8788 --part-at http://127.0.0.1:8789

Parts that take changes from their router, which keeps the log:
  $ midx serve words/manifest.json --part 0 --port 8788 --max-delta 10000 --token-file parts.txt
  $ midx serve words/manifest.json --part 1 --port 8789 --max-delta 10000 --token-file parts.txt
  $ midx serve words/manifest.json --part-at http://127.0.0.1:8788 --part-at http://127.0.0.1:8789 \\
      --part-token-file parts.txt --log words.log --write-token-file token.txt

A router above two others, which pass the changes on to their parts:
  $ midx serve words/manifest.json --part-at http://10.0.0.5:8788 --part-at http://10.0.0.6:8788 --part-groups 4,4 \\
      --part-token-file routers.txt --log words.log --write-token-file token.txt`;

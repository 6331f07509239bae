// Writes docs/demo-page.png, a screenshot of the page in Chromium, in the light theme and 1,200 pixels wide. It runs after
// `npm run demo -- --once`, which leaves the page, its examples and the index in build/assets:
//
//   npx node scripts/page-picture.ts [other.png]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { launchChromium } from "../test/runtime/chromium.ts";
import { indexedPng, type Pixels } from "./picture/indexed-png.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = process.argv[2] ?? `${root}docs/demo-page.png`;

const server = spawn(process.execPath, ["dist/cli.js", "serve", "build/assets/index.midx", "--port", "0", "--json"], {
  cwd: root,
  stdio: ["ignore", "pipe", "inherit"],
});
const browser = await launchChromium();
try {
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, colorScheme: "light" });
  for (const name of ["examples.json", "queries.f32"]) {
    await page.route(`**/page/${name}`, (route) => route.fulfill({ path: `${root}build/assets/page/${name}` }));
  }
  await page.goto(JSON.parse(line.toString()).url);
  await page.locator('#top[aria-busy="false"]').waitFor();
  await page.getByText("the mean of 16 runs").waitFor();
  await page.getByLabel("Short sentences by a grammar").check({ force: true }); // the box lies under its switch
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator('#written[aria-busy="false"]').waitFor();
  writeFileSync(output, indexedPng(await decode(browser, await page.screenshot({ fullPage: true }))));
} finally {
  await browser.close();
  server.kill("SIGTERM");
}

/** Decodes a PNG in the browser. */
async function decode(browser: Browser, png: Buffer): Promise<Pixels> {
  const page = await browser.newPage();
  const { base64, ...size } = await page.evaluate(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const { width, height } = image;
      const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.drawImage(image, 0, 0);
      const bytes = context.getImageData(0, 0, width, height).data;
      let text = "";
      for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
      return { base64: btoa(text), width, height };
    },
    `data:image/png;base64,${png.toString("base64")}`,
  );
  return { ...size, rgba: Buffer.from(base64, "base64") };
}

// Usage: node browser.mjs CHROMIUM PAGES SHOTS
//
// Opens every page of a folder in headless Chromium and fails if one of them does not do what
// docs/report.md promises.
import { chromium } from "playwright-core";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [binary, folder, shots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: binary, args: ["--no-sandbox"] });
let failures = 0;
const fail = (page, what) => { failures++; console.error(`browser: ${page}: ${what}`); };

// open opens a page and records what it may not do.
async function open(name, options) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(300_000); // a machine may be busy
  page.on("console", (m) => { if (["error", "warning"].includes(m.type())) fail(name, `console: ${m.text()}`); });
  page.on("pageerror", (e) => fail(name, `script: ${e.message}`));
  page.on("request", (r) => { if (!r.url().startsWith("file:")) fail(name, `network: ${r.url()}`); });
  await page.goto(pathToFileURL(join(folder, name)).href);
  return page;
}

async function accessible(page, name, how) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const v of violations) {
    if (["serious", "critical"].includes(v.impact)) fail(name, `${how}: ${v.id}: ${v.help}: ${v.nodes.length} times, first ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary}`);
    else console.log(`browser: ${name}: ${how}: ${v.impact}: ${v.id} (${v.nodes.length})`);
  }
}

async function sorts(page, name) {
  const table = page.locator("table.data").filter({ has: page.locator("thead button") }).first();
  if (await table.count() === 0) return;
  const button = table.locator("thead button").first();
  const order = () => table.locator("tbody tr").evaluateAll((rows) => rows.map((r) => r.cells[0].textContent.trim()));
  await button.evaluate((b) => b.closest("details")?.setAttribute("open", ""));
  const before = await order();
  await button.focus();
  await page.keyboard.press("Enter");
  const up = await order();
  await page.keyboard.press("Enter");
  const down = await order();
  if (up.length !== before.length || JSON.stringify([...up].sort()) !== JSON.stringify([...before].sort())) fail(name, "sort loses rows");
  if (new Set(up).size > 1 && JSON.stringify(up) === JSON.stringify(down)) fail(name, "sort does nothing");
}

async function filters(page, name) {
  const input = page.locator(".filter input").first();
  if (await input.count() === 0) return;
  await input.evaluate((b) => b.closest("details")?.setAttribute("open", ""));
  await input.fill("no row holds this");
  if (!(await input.locator("xpath=../..").textContent()).includes("0 of")) fail(name, "filter does not count");
  await input.fill("");
}

for (const name of readdirSync(folder).filter((f) => f.endsWith(".html")).sort()) {
  const stem = name.replace(/\.html$/, "");
  const page = await open(name);
  const paint = await page.evaluate(() => new Promise((done) => {
    const got = performance.getEntriesByName("first-contentful-paint");
    if (got.length) return done(got[0].startTime);
    new PerformanceObserver((l) => done(l.getEntries()[0].startTime)).observe({ type: "paint", buffered: true });
  }));
  const bytes = readFileSync(join(folder, name)).length;
  await page.screenshot({ path: join(shots, stem + "-light.png") });
  await page.screenshot({ path: join(shots, stem + "-full.png"), fullPage: true, clip: { x: 0, y: 0, width: 1200, height: 6000 } }).catch(() => {});
  await sorts(page, name);
  await filters(page, name);
  await page.locator("#tools button").last().click();
  if (await page.evaluate(() => document.documentElement.dataset.theme) !== "dark") fail(name, "the button does not turn the page dark");
  await page.screenshot({ path: join(shots, stem + "-dark.png") });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const ink = await page.evaluate(() => getComputedStyle(document.body).color + " on " + getComputedStyle(document.body).backgroundColor);
  if (ink !== "rgb(28, 36, 48) on rgb(255, 255, 255)") fail(name, `a dark page prints ${ink}`);
  const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
  const sheets = (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) || []).length;
  if (sheets === 0) fail(name, "no sheet is printed");
  await page.context().close();

  for (const colorScheme of stem.startsWith("large") ? ["light"] : ["light", "dark"]) {
    const checked = await open(name, { bypassCSP: true, colorScheme });
    await checked.evaluate(() => document.querySelectorAll("details").forEach((d, i) => { d.open = i < 6; }));
    await accessible(checked, name, colorScheme);
    await checked.context().close();
  }
  for (const width of [820, 1200, 1600]) {
    const window = await open(name, { viewport: { width, height: 900 } });
    const cut = await window.evaluate(() => Math.max(document.documentElement.scrollWidth - innerWidth, document.querySelector("nav").scrollWidth - document.querySelector("nav").clientWidth));
    if (cut > 1) fail(name, `${cut} pixels are cut in a window of ${width}`);
    await window.screenshot({ path: join(shots, `${stem}-${width}.png`) });
    await window.context().close();
  }
  const phone = await open(name, { viewport: { width: 390, height: 844 } });
  const wide = await phone.evaluate(() => document.documentElement.scrollWidth);
  if (wide > 391) fail(name, `${wide} pixels wide on a phone of 390`);
  for (const [layout, visible] of [["narrow", true], ["wide", false]]) {
    const figure = phone.locator(`main figure svg.${layout}`).first();
    if (await figure.count() && await figure.isVisible() !== visible) fail(name, `on a phone, the ${layout} figures are ${visible ? "hidden" : "shown"}`);
  }
  await phone.screenshot({ path: join(shots, stem + "-phone.png") });
  await phone.context().close();

  const still = await open(name, { javaScriptEnabled: false });
  for (const part of ["h1", ".outcome", ".sentence", "table", "figure svg"]) {
    if (part === "figure svg" && stem.startsWith("rank")) continue;
    if (!await still.locator(part).first().isVisible()) fail(name, `with scripts off, ${part} is not visible`);
  }
  await still.locator("details summary").last().click({ timeout: 2000 }).catch(() => {});
  await still.context().close();
  console.log(`browser: ${name}: ${bytes} bytes, first paint ${Math.round(paint)} ms, ${sheets} sheets of paper`);
}
await browser.close();
if (failures) { console.error(`browser: ${failures} failures`); process.exit(1); }
console.log("browser: all pages pass");

// Compares the texts of reference.py with those of the JavaScript package @huggingface/jinja, and
// prints where they differ.
//
//   node reference.mjs PATH/TO/@huggingface/jinja/dist/index.js templates conversations.json expected

import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [library, templates, conversations, expected] = process.argv.slice(2);
const { Template } = await import(pathToFileURL(resolve(library)));
const cases = JSON.parse(readFileSync(conversations, "utf8"));
const RealDate = Date;
globalThis.Date = class extends RealDate {
	constructor(...a) {
		super(...(a.length ? a : [2024, 6, 26]));
	}
};

let same = 0;
for (const file of readdirSync(templates).filter((f) => f.endsWith(".jinja")).sort()) {
	const name = file.slice(0, -".jinja".length);
	const source = readFileSync(`${templates}/${file}`, "utf8");
	const want = JSON.parse(readFileSync(`${expected}/${name}.json`, "utf8"));
	const differ = [];
	for (const c of cases.conversations) {
		let got;
		try {
			got = new Template(source).render({
				messages: structuredClone(c.messages),
				tools: c.tools ?? null,
				documents: null,
				add_generation_prompt: c.prompt ?? false,
				...(cases.tokens[name] ?? cases.tokens.default),
				...c.variables,
			});
		} catch (e) {
			got = { error: String(e).slice(0, 100) };
		}
		const w = want[c.name];
		if (got === w || (typeof got !== "string" && typeof w !== "string")) same++;
		else differ.push([c.name, got]);
	}
	for (const [c, got] of differ) {
		const w = typeof want[c] === "string" ? want[c] : JSON.stringify(want[c]);
		let at = 0;
		while (typeof got === "string" && at < got.length && got[at] === w[at]) at++;
		console.log(`${name}: ${c}: ${typeof got === "string" ? JSON.stringify(got.slice(at, at + 60)) : got.error}, want ${JSON.stringify(w.slice(at, at + 60))}`);
	}
}
console.log(`${same} same`);

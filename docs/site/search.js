// Reduces the list of headings to the sections that hold all words, headings first.
const words = new URLSearchParams(location.search).get("q") ?? "";
const field = document.getElementById("q");
const list = document.getElementById("results");
const all = [...list.children];
const texts = sections.map(s => [(s.heading + " " + s.page).toLowerCase(), s.text.toLowerCase()]);

function find() {
  const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const score = i => wanted.every(w => texts[i][0].includes(w)) ? 2 : wanted.every(w => texts[i].join(" ").includes(w)) ? 1 : 0;
  const found = all.map((item, i) => ({ item, i, score: score(i) })).filter(f => f.score > 0).sort((a, b) => b.score - a.score || a.i - b.i);
  list.replaceChildren(...found.map(f => f.item));
  document.getElementById("found").textContent = wanted.length ? found.length + " sections" : "";
}

field.value = words;
field.addEventListener("input", find);
find();

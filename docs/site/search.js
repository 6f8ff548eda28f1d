// Reduces the list of headings to the sections that hold all words, headings first, and shows where
// the words are.
const words = new URLSearchParams(location.search).get("q") ?? "";
const field = document.getElementById("q");
const list = document.getElementById("results");
const all = [...list.children];
const texts = sections.map(s => [(s.heading + " " + s.page).toLowerCase(), s.text.toLowerCase()]);
const around = 80; // characters on each side of the first word

// snippet returns the part of a text around all words in their order or else around the longest
// word that the text has. The words are marked.
function snippet(text, lower, wanted) {
  const rare = [wanted.join(" "), ...[...wanted].sort((a, b) => b.length - a.length)];
  const place = rare.map(w => lower.indexOf(w)).find(at => at >= 0);
  if (place === undefined || lower.length !== text.length) return null;
  let from = Math.max(0, place - around), to = Math.min(text.length, from + 3 * around);
  while (from > 0 && /\S/.test(text[from - 1])) from--;
  while (to < text.length && /\S/.test(text[to])) to++;
  const shown = document.createElement("p");
  shown.className = "snippet";
  let rest = from;
  shown.append(from > 0 ? "… " : "");
  while (rest < to) {
    const next = wanted.map(w => [lower.indexOf(w, rest), w.length]).filter(m => m[0] >= 0 && m[0] + m[1] <= to).sort((a, b) => a[0] - b[0] || b[1] - a[1])[0];
    if (!next) break;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(next[0], next[0] + next[1]);
    shown.append(text.slice(rest, next[0]), mark);
    rest = next[0] + next[1];
  }
  shown.append(text.slice(rest, to), to < text.length ? " …" : "");
  return shown;
}

function find() {
  const wanted = [...new Set(field.value.toLowerCase().split(/\s+/).filter(Boolean))];
  const score = i => wanted.every(w => texts[i][0].includes(w)) ? 2 : wanted.every(w => texts[i].join(" ").includes(w)) ? 1 : 0;
  const found = all.map((item, i) => ({ item, i, score: score(i) })).filter(f => f.score > 0).sort((a, b) => b.score - a.score || a.i - b.i);
  for (const { item, i } of found) {
    item.querySelector(".snippet")?.remove();
    const shown = snippet(sections[i].text, texts[i][1], wanted);
    if (shown) item.append(shown);
  }
  list.replaceChildren(...found.map(f => f.item));
  document.getElementById("found").textContent = wanted.length ? found.length + " sections" : "";
}

field.value = words;
field.addEventListener("input", find);
find();

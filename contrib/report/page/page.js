(() => {
  "use strict";
  const make = (tag, fields, ...children) => {
    const e = Object.assign(document.createElement(tag), fields);
    e.append(...children);
    return e;
  };
  const tools = document.getElementById("tools");
  const details = [...document.querySelectorAll("details")];

  const theme = make("button", { type: "button" });
  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => { theme.textContent = dark() ? "Light" : "Dark"; theme.title = dark() ? "Show the page in light colors" : "Show the page in dark colors"; };
  theme.addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; name(); });
  name();
  if (details.length > 1) {
    const all = make("button", { type: "button", textContent: "Open all" });
    all.addEventListener("click", () => {
      const open = details.some((d) => !d.open);
      for (const d of details) d.open = open;
      all.textContent = open ? "Close all" : "Open all";
    });
    tools.append(all);
  }
  tools.append(theme);

  // Sort by the header of a column: numbers by their value, texts by the alphabet.
  const key = (row, i) => {
    const cell = row.cells[i], value = cell && cell.dataset.value;
    return value === undefined ? (cell ? cell.textContent.trim() : "") : Number(value);
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  for (const table of document.querySelectorAll("table.data")) {
    const body = table.tBodies[0];
    if (body.rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((th, i) => {
      const button = make("button", { type: "button", textContent: th.textContent });
      th.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = th.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        th.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...body.rows].map((row) => [key(row, i), row]);
        rows.sort((a, b) => (up ? 1 : -1) * compare(a[0], b[0]));
        body.append(...rows.map((r) => r[1]));
      });
    });
    if (body.rows.length < 15) continue;
    const input = make("input", { type: "search", placeholder: "part of a row" });
    const shown = make("output", {});
    const label = make("label", {}, "Filter ", input);
    input.addEventListener("input", () => {
      const want = input.value.toLowerCase();
      let n = 0;
      for (const row of body.rows) {
        row.hidden = !row.textContent.toLowerCase().includes(want);
        n += row.hidden ? 0 : 1;
      }
      shown.textContent = want ? n + " of " + body.rows.length + " rows" : "";
    });
    table.parentElement.before(make("div", { className: "filter" }, label, shown));
  }

  // What a link or the printer needs is open.
  const follow = () => {
    const at = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (at && at.tagName === "DETAILS") at.open = true;
  };
  addEventListener("hashchange", follow);
  follow();
  let closed = [];
  addEventListener("beforeprint", () => { closed = details.filter((d) => !d.open); for (const d of closed) d.open = true; });
  addEventListener("afterprint", () => { for (const d of closed) d.open = false; });
})();

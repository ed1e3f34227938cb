"use strict";
// The list of places: searched, filtered and sorted in memory; only the rows in sight are in the document.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { columns: c, counties, pages, levels, levelNames } = data;
  const size = c.id.length;
  const table = document.getElementById("places");
  const body = table.tBodies[0];
  const field = (id) => document.getElementById(id);
  const words = field("words").dataset;
  const count = field("count");
  const find = c.name.map((name, i) => `${name} ${c.pinyin[i]} ${c.pinyin[i].replaceAll(" ", "")} ${c.id[i]} ${counties[c.county[i]]}`.toLowerCase());
  let shown = Array.from({ length: size }, (_, i) => i);
  let order = shown;

  const make = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const svg = (tag, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const spark = (packed) => {
    if (packed.length < 4) return null;
    const values = packed.slice(1);
    const known = values.filter((value) => value > 0);
    const low = Math.min(...known), high = Math.max(...known), step = 106 / (values.length - 1);
    const at = (value, i) => [4 + i * step, 18 - (value - low) * 16 / (high - low || 1)];
    const points = values.map((value, i) => (value > 0 ? at(value, i) : null)).filter(Boolean);
    const picture = svg("svg", { class: "micro", viewBox: "0 0 120 20", width: 120, height: 20, "aria-hidden": "true" });
    picture.append(svg("path", { class: "m-line", d: `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}` }));
    const [x, y] = points.at(-1);
    picture.append(svg("circle", { class: "m-value", cx: x.toFixed(1), cy: y.toFixed(1), r: 2.6 }));
    return picture;
  };
  const cell = (label, text, kind = "") => make("td", text, { "data-label": label, class: kind });
  const row = (i, position) => {
    const made = make("tr", undefined, { "aria-rowindex": position + 2 });
    const head = make("th", undefined, { scope: "row" });
    head.append(c.state[i] === 0 ? make("a", c.name[i], { href: `${c.id[i]}.html` }) : c.name[i]);
    const small = make("small");
    const county = counties[c.county[i]], page = pages[c.county[i]];
    small.append(page ? make("a", county, { href: page }) : county);
    if (c.simulated[i]) small.append(county ? " · " : "", make("span", words.simulated, { class: "sim" }));
    if (c.state[i]) small.append(" · ", make("span", c.state[i] === 2 ? words.failed : words.unmade, { class: "warn" }));
    head.append(small);
    made.append(head, cell(words.level, levelNames[c.level[i]]), cell(words.periods, c.periods[i]));
    const years = cell(words.known, c.wanted[i] ? `${c.known[i]}/${c.wanted[i]}` : "—", "r");
    const rate = cell(words.rate, c.rate[i] || "—", "r");
    if (c.rate[i]) rate.append(make("small", c.rate_year[i]));
    const course = cell(words.course, undefined, "graph");
    const picture = spark(c.course[i]);
    if (picture) course.append(picture);
    const findings = cell(words.findings, undefined, "r");
    findings.append(c.findings[i] && c.state[i] === 0 ? make("a", c.findings[i], { href: `${c.id[i]}.html#findings` }) : String(c.findings[i]));
    if (c.findings[i]) findings.append(make("small", words[`severity${c.worst[i]}`]));
    made.append(years, rate, course, findings, cell(words.facts, String(c.facts[i]), "r"));
    return made;
  };

  // Rows have one height (index.css, --row); two empty rows stand for those above and below.
  const gap = (rows) => make("tr", undefined, { class: "gap", style: `height:${rows}px`, "aria-hidden": "true" });
  let drawn = "";
  const draw = (again = false) => {
    const tall = parseFloat(getComputedStyle(table).getPropertyValue("--row")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const top = body.getBoundingClientRect().top, high = window.innerHeight;
    const first = Math.max(0, Math.min(shown.length, Math.floor(-top / tall) - 12));
    const last = Math.min(shown.length, Math.max(first, Math.ceil((high - top) / tall) + 12));
    if (!again && drawn === `${first} ${last}`) return;
    drawn = `${first} ${last}`;
    const rows = [];
    if (first) rows.push(gap(first * tall));
    for (let at = first; at < last; at += 1) rows.push(row(shown[at], at));
    if (last < shown.length) rows.push(gap((shown.length - last) * tall));
    body.replaceChildren(...rows);
    table.setAttribute("aria-rowcount", shown.length + 1);
  };
  const show = () => {
    const terms = field("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const level = field("level").value, county = field("county") ? field("county").value : "*";
    const severity = Number(field("severity").value), complete = field("complete").value;
    const wantedLevel = levels.indexOf(level), wantedCounty = counties.indexOf(county);
    shown = order.filter((i) => terms.every((term) => find[i].includes(term))
      && (level === "*" || c.level[i] === wantedLevel) && (county === "*" || c.county[i] === wantedCounty)
      && c.worst[i] >= severity
      && (complete === "*" || (complete === "all" ? c.wanted[i] > 0 && c.known[i] >= c.wanted[i] : c.known[i] < c.wanted[i] || !c.wanted[i])));
    count.textContent = count.dataset.text.replace("#", shown.length.toLocaleString());
    draw(true);
  };
  const sort = (button) => {
    const head = button.closest("th"), key = button.dataset.key, number = button.dataset.kind === "number";
    const down = head.getAttribute("aria-sort") === (number ? "descending" : "ascending") ? !number : number;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const text = { name: (i) => c.pinyin[i] || c.name[i], level: (i) => String(c.level[i]).padStart(2, "0"), periods: (i) => c.periods[i] }[key];
    const numeric = { rate: (i) => (c.rate[i] === "" ? NaN : Number(c.rate[i])), known: (i) => (c.wanted[i] ? c.known[i] / c.wanted[i] : NaN),
      findings: (i) => c.findings[i], facts: (i) => c.facts[i] }[key];
    const sign = down ? -1 : 1;
    const keyed = Array.from({ length: size }, (_, i) => [number ? numeric(i) : text(i), i]);
    keyed.sort(([a, i], [b, j]) => (number ? (Number.isNaN(a) - Number.isNaN(b)) || sign * (a - b) : sign * (a < b ? -1 : a > b ? 1 : 0)) || i - j);
    order = keyed.map(([, i]) => i);
    show();
  };
  document.querySelector(".controls").addEventListener("input", show);
  document.querySelector(".controls").addEventListener("submit", (event) => event.preventDefault());
  table.tHead.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) sort(button); });
  let waiting = false;
  const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; draw(); }); } };
  window.addEventListener("scroll", later, { passive: true });
  window.addEventListener("resize", () => draw(true));
  table.classList.add("live");
  show();
})();

"use strict";
// Search by name, pinyin or code; filter; sort by any column. Without script the whole list is there.
(() => {
  const table = document.getElementById("places");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const field = (id) => document.getElementById(id);
  const count = field("count");
  const show = () => {
    const terms = field("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const level = field("level").value;
    const county = field("county") ? field("county").value : "*";
    const open = field("open").checked;
    let shown = 0;
    for (const row of rows) {
      const fits = terms.every((term) => row.dataset.find.includes(term) || row.dataset.find.replaceAll(" ", "").includes(term))
        && (level === "*" || row.dataset.level === level)
        && (county === "*" || row.dataset.county === county)
        && (!open || row.dataset.findings !== "0");
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = count.dataset.text.replace("#", shown);
  };
  const sort = (button) => {
    const head = button.closest("th");
    const column = head.cellIndex;
    const number = button.dataset.kind === "number";
    const down = head.getAttribute("aria-sort") === (number ? "descending" : "ascending") ? !number : number;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => {
      const cell = row.cells[column];
      const text = cell.dataset.sort ?? cell.textContent.trim();
      return number ? (text === "" ? NaN : Number(text)) : text;
    };
    const sign = down ? -1 : 1;
    const keyed = rows.map((row) => [value(row), row]);
    keyed.sort(([a], [b]) => number
      ? (Number.isNaN(a) - Number.isNaN(b)) || sign * (a - b)
      : sign * String(a).localeCompare(String(b)));
    body.append(...keyed.map(([, row]) => row));
  };
  document.querySelector(".controls").addEventListener("input", show);
  document.querySelector(".controls").addEventListener("submit", (event) => event.preventDefault());
  table.tHead.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) sort(button); });
  show();
})();

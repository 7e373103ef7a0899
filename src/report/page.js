// Tables can be sorted by any column and copied; without this script they are tables.
// A spreadsheet would run what begins like a formula: the rule of the crate's own tables. Tabs and lines part cells.
const isNumber = (text) => /^[+-]?(\d[\d,]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
const isFormula = (text) => /^\s*[=+\-@＝＋－＠]/.test(text) && !isNumber(text);
const guarded = (text) => (isFormula(text.replace(/^'+/, "")) ? "'" : "") + text.replace(/[\t\r\n]+/g, " ");
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const value = (row, i) => row.cells[i].innerText.replace(/,/g, "");
  const compared = (a, b) => parseFloat(a) - parseFloat(b) || a.localeCompare(b);
  table.querySelectorAll("thead th").forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.title = "Sort";
    head.textContent = "";
    head.append(button);
    let ascending = true;
    button.addEventListener("click", () => {
      const rows = [...body.rows].sort((a, b) => (ascending ? 1 : -1) * compared(value(a, i), value(b, i)));
      body.append(...rows);
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      ascending = !ascending;
    });
  });
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "copy";
  copy.textContent = "Copy table";
  copy.setAttribute("aria-live", "polite");
  copy.addEventListener("click", async () => {
    const text = [...table.rows].map((row) => [...row.cells].map((cell) => guarded(cell.innerText)).join("\t")).join("\n");
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Select the table to copy it";
    }
  });
  table.parentElement.after(copy);
}

"use strict";
(function () {
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  // Sorting: a button in each heading of the sweep's table. The third click gives the first order back.
  const value = (row, column, kind) => {
    const cell = row.cells[column];
    const text = cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value;
    return kind === "number" ? Number(text) : text;
  };
  const sort = (table, heading, direction) => {
    const column = heading.cellIndex, kind = heading.dataset.sort, sign = direction === "descending" ? -1 : 1;
    const body = table.tBodies[0], names = new Intl.Collator("en", { numeric: true });
    const rows = all("tr", body).map((row) => [direction === "none" ? 0 : value(row, column, kind), row]);
    const order = ([a, one], [b, other]) => {
      const found = direction === "none" ? 0 : kind === "number" ? a - b : names.compare(a, b);
      return sign * found || value(one, 0, "number") - value(other, 0, "number");
    };
    body.append(...rows.sort(order).map(([, row]) => row));
    all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
    if (direction !== "none") heading.setAttribute("aria-sort", direction);
  };
  all("table.sweep").forEach((table) => {
    all("th[data-sort]", table).forEach((heading) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "none" };
        sort(table, heading, next[heading.getAttribute("aria-sort")] || "ascending");
      });
    });
  });

  // The filter: by verdict, and by what a row says.
  all("form.filter").forEach((form) => {
    const rows = all("table.sweep tbody tr").map((row) => [row, row.textContent.toLowerCase()]);
    const show = () => {
      const verdict = form.elements.verdict.value, words = form.elements.text.value.toLowerCase().split(/\s+/);
      let shown = 0;
      rows.forEach(([row, text]) => {
        row.hidden = (verdict && row.dataset.verdict !== verdict) || !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      });
      form.querySelector("output").textContent = shown === rows.length ? "" : shown + " of " + rows.length + " shown";
    };
    form.hidden = false;
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    show();
    // A link to a row that is filtered out shows it.
    window.addEventListener("hashchange", () => {
      const row = document.getElementById(location.hash.slice(1));
      if (row && row.hidden) {
        form.reset();
        show();
        row.scrollIntoView();
      }
    });
  });

  if (navigator.clipboard) {
    all("button.copy").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        navigator.clipboard.writeText(button.previousElementSibling.textContent).then(() => {
          button.textContent = "Copied";
          setTimeout(() => { button.textContent = "Copy"; }, 1500);
        });
      });
    });
  }

  // What is folded is printed, too.
  window.addEventListener("beforeprint", () => all("details").forEach((part) => { part.open = true; }));
})();

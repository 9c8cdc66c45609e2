"use strict";
(() => {
  const grid = document.getElementById("grid");
  const body = grid.tBodies[0];
  const rows = [...body.rows];
  const search = document.getElementById("search");
  const standing = document.getElementById("standing");
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const mistakes = [...document.querySelectorAll("button.mistake")];
  document.documentElement.classList.add("script");

  // What sorting and filtering look at, read from the page once.
  const facts = new Map(rows.map((row, place) => [row, {
    place,
    text: row.dataset.s,
    standing: row.dataset.k,
    late: "late" in row.dataset,
    mark: row.dataset.k === "graded" ? Number(row.dataset.mark) : -1,
    time: Number(row.dataset.time),
    codes: row.dataset.o,
    mistakes: new Set(row.dataset.m.split(" ")),
  }]));

  // --- filters
  let mistake = null;

  function fits(fact, words) {
    const kind = standing.value;
    return words.every((word) => fact.text.includes(word))
      && (!kind || fact.standing === kind || (kind === "late" && fact.late))
      && (mistake === null || fact.mistakes.has(mistake));
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fit = fits(facts.get(row), words);
      if (row.hidden === fit) row.hidden = !fit;
      count += fit;
    }
    const pressed = mistakes.find((button) => button.dataset.mistake === mistake);
    const which = pressed ? `: ${pressed.querySelector(".words").textContent}` : "";
    shown.textContent = `${count} of ${rows.length} students${which}`;
    none.hidden = count > 0;
    const first = body.querySelector("tr:not([hidden])");
    if (first && (!current || current.closest("tr").hidden)) enter(first.cells[0], false);
  }

  function choose(number) {
    mistake = number;
    for (const button of mistakes) {
      button.setAttribute("aria-pressed", String(button.dataset.mistake === mistake));
    }
    filter();
  }

  function clear() {
    search.value = "";
    standing.value = "";
    choose(null);
  }

  search.addEventListener("input", filter);
  standing.addEventListener("change", filter);
  document.getElementById("tools").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("tools").addEventListener("reset", (event) => {
    event.preventDefault();
    clear();
  });
  document.getElementById("again").addEventListener("click", () => {
    clear();
    search.focus();
  });
  for (const button of mistakes) {
    const number = button.dataset.mistake;
    button.addEventListener("click", () => {
      choose(mistake === number ? null : number);
      // What it did must be in sight.
      const head = document.getElementById("h-grid");
      if (mistake !== null && head.getBoundingClientRect().bottom > innerHeight - 200) {
        head.scrollIntoView();
      }
    });
  }

  // --- sorting
  const rank = "xfbtrp";  // the worst first, as the page's legend has them backwards

  function value(fact, by) {
    if (by === "name") return fact.place;
    if (by === "mark") return fact.mark;
    if (by === "time") return fact.time;
    return rank.indexOf(fact.codes[by] || "n");
  }

  function sort(button) {
    const by = button.dataset.by;
    const head = button.closest("th");
    const again = head.getAttribute("aria-sort");
    const first = by === "time" || by === "mark" ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = again === first ? other : first;
    for (const each of grid.tHead.querySelectorAll("[aria-sort]")) {
      each.removeAttribute("aria-sort");
    }
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const keys = new Map(rows.map((row) => [row, value(facts.get(row), by)]));
    rows.sort((a, b) => {
      const x = keys.get(a), y = keys.get(b);
      // What was not checked comes last in both directions.
      if (by !== "name" && (x < 0) !== (y < 0)) return x < 0 ? 1 : -1;
      return sign * (x - y) || facts.get(a).place - facts.get(b).place;
    });
    body.replaceChildren(...rows);
  }

  grid.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-by]");
    if (button) sort(button);
  });

  // --- moving about: one cell can be tabbed to, the arrow keys go on from there
  let current = null;
  for (const link of body.querySelectorAll("th a")) link.tabIndex = -1;

  function enter(cell, focus) {
    const target = cell.querySelector("a") || cell;
    if (current) current.tabIndex = -1;
    target.tabIndex = 0;
    current = target;
    if (focus) {
      target.focus({preventScroll: true});
      cell.scrollIntoView({block: "nearest", inline: "nearest"});
    }
  }

  function next(row, step) {
    let found = row, last = row;
    for (let left = Math.abs(step); left > 0 && found; ) {
      found = step > 0 ? found.nextElementSibling : found.previousElementSibling;
      if (found && !found.hidden) {
        last = found;
        left -= 1;
      }
    }
    return last;
  }

  const moves = {
    ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [-15, 0], PageDown: [15, 0],
    ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity],
  };
  let wanted = 0;  // the column, kept while a row with fewer cells is passed

  body.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td, th");
    if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = cell.parentElement;
    if (event.key === "Enter" && cell.tagName === "TD") {
      row.querySelector("a").click();
      return;
    }
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const [down, across] = move;
    const to = down ? next(row, down) : row;
    const last = to.cells.length - 1;
    if (across) wanted = Math.max(0, Math.min(cell.cellIndex + across, last));
    const column = wanted;  // focusing sets it
    enter(to.cells[Math.min(column, last)], true);
    wanted = column;
  });
  body.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td, th");
    if (cell && current !== event.target) {
      wanted = cell.cellIndex;
      enter(cell, false);
    }
  });
  body.addEventListener("click", (event) => {
    const cell = event.target.closest("td");
    if (cell) {
      wanted = cell.cellIndex;
      enter(cell, true);
    }
  });

  filter();
})();

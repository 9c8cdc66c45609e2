// Drawing: elements, grids of numbers, controls, and the explorer that holds them together.

const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// --- numbers ---------------------------------------------------------------------------------
function plain(value) {
  const size = Math.abs(value);
  const text = size < 1e-9 ? "0" // what rounding leaves of a sum that is 0
    : size < 0.01 ? String(Number(value.toPrecision(2)))
    : size < 1e15 ? String(Math.round(value * 100) / 100)
    : value.toPrecision(3);
  return text.replaceAll("-", "−");
}
const factor = (value) => (value < 0 ? `(${plain(value)})` : plain(value));

function number(text) {
  const [whole, below = "1", ...rest] = text.replaceAll("−", "-").split("/");
  const value = Number(whole) / Number(below);
  return whole.trim() && !rest.length && Number.isFinite(value) ? value : undefined;
}

// --- grids -----------------------------------------------------------------------------------
// A table of numbers. `draw` takes what each cell shows: text, value, classes, strength 0 to 1.
function grid(meaning, { oninput, onpick } = {}) {
  const name = element("figcaption");
  const table = element("table");
  const node = element("figure", { class: `grid ${meaning}` }, name, element("div", {}, table));
  let cells = [];

  function build(rows, columns, heads) {
    const headRow = (head) =>
      element("tr", {}, element("th", { scope: "row" }, head.name),
        ...head.labels.map((label) => element("th", { scope: "col" }, label)));
    cells = range(rows).map((r) => range(columns).map((c) => newCell(r, c)));
    const sides = heads?.sides;
    table.replaceChildren(
      ...(heads?.tops ?? []).map(headRow),
      ...cells.map((row, r) =>
        element("tr", {}, ...(sides ? [element("th", { scope: "row" }, sides[r])] : []), ...row)),
    );
  }

  function newCell(r, c) {
    const cell = element("td", { "data-row": r, "data-column": c });
    if (oninput) {
      const label = `weight in row ${r}, column ${c}`;
      const change = (event) => {
        const value = number(event.target.value);
        event.target.setAttribute("aria-invalid", value === undefined);
        if (value !== undefined) oninput(r, c, value);
      };
      cell.append(element("input", { "aria-label": label, inputmode: "decimal", onchange: change }));
    } else if (onpick) {
      cell.addEventListener("click", () => onpick(r, c));
    }
    return cell;
  }

  let shape = "";
  function draw(caption, rows, columns, show, heads) {
    const wanted = JSON.stringify([rows, columns, heads]);
    if (wanted !== shape) build(rows, columns, heads);
    shape = wanted;
    name.replaceChildren(...[caption].flat());
    table.setAttribute("aria-label", name.textContent);
    let longest = 1;
    cells.forEach((row, r) => row.forEach((cell, c) => {
      const { value, text = value === undefined ? "" : plain(value), classes = "", strength = 0 } =
        show(r, c);
      if (oninput) cell.firstChild.value = text;
      else cell.textContent = text;
      cell.className = classes;
      cell.style.setProperty("--strength", `${Math.round(100 * strength)}%`);
      if (value === undefined) delete cell.dataset.value;
      else cell.dataset.value = value;
      longest = Math.max(longest, text.length);
    }));
    node.style.setProperty("--longest", longest);
  }
  return { node, draw, cell: (r, c) => cells[r]?.[c], get columns() { return cells[0]?.length ?? 0; } };
}

// How strong a cell's tint is: by its size among all.
function tint(rows) {
  const largest = Math.max(...rows.flat().map(Math.abs)) || 1;
  return (value) => 0.1 + (0.45 * Math.abs(value)) / largest;
}

// A short name for the shape of a grid, in the caption.
const titled = (title, ...shape) => [
  element("b", {}, title), ` ${shape.join("×")}`,
];

// --- the formula -----------------------------------------------------------------------------
function formula(name, n, [before, after], reach, stride, size) {
  const padding = before || after ? ` + ${before} + ${after}` : "";
  return element("span", { class: "formula" },
    `${name} = ⌊(${n}${padding} − ${reach}) / ${stride}⌋ + 1`,
    ...(size ? [" = ", element("b", {}, String(size))] : [": no position "]));
}

function formulas([H, W], sides, window, stride) {
  const { top, bottom, left, right } = sides;
  return [
    formula("OH", H, [top, bottom], window.reach[0], stride, window.OH), " ",
    formula("OW", W, [left, right], window.reach[1], stride, window.OW),
  ];
}

// The size that a dilated kernel has on the image.
function spread(size, dilation) {
  const one = (k) => `${dilation}·(${k} − 1) + 1 = ${dilation * (k - 1) + 1}`;
  return `with k = ${[...new Set(size)].map(one).join(" and ")}`;
}

function misfit(what, [KH, KW], window, [rows, columns], dilation = 1) {
  const [down, along] = window.reach;
  const covers = dilation > 1 ? ` covers ${down}×${along} at dilation ${dilation} and` : "";
  return `The ${what} ${KH}×${KW}${covers} does not fit the padded input ${rows}×${columns}.`;
}

// --- controls --------------------------------------------------------------------------------
// Each is built once and only told of changes, so that a slider may be dragged meanwhile.
function slider(key, label, min, max) {
  return ({ model, update }) => {
    const shown = element("output");
    const oninput = (event) => update(key, Number(event.target.value));
    const input = element("input", { type: "range", min, max, step: 1, "data-key": key, oninput });
    const refresh = () => {
      input.value = model.get(key);
      shown.textContent = plain(model.get(key));
    };
    return { node: element("label", {}, element("span", {}, label), input, shown), refresh };
  };
}

// `options`: names with the state that each stands for.
function choice(label, options) {
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  return ({ model, update }) => {
    const select = element("select", { "data-key": label });
    const own = element("option", { value: "" }, "own");
    select.append(...Object.keys(options).map((name) => element("option", {}, name)));
    select.addEventListener("change", () => update(options[select.value]));
    const refresh = () => {
      const holds = (state) => Object.entries(state).every(([k, v]) => same(model.get(k), v));
      const name = Object.keys(options).find((each) => holds(options[each]));
      if (name === undefined) select.append(own);
      else own.remove();
      select.value = name ?? "";
    };
    return { node: element("label", {}, element("span", {}, label), select), refresh };
  };
}

function button(label, onclick, attributes = {}) {
  return element("button", { type: "button", onclick, ...attributes }, label);
}

// Walk through the positions: buttons, a slider, and a clock that plays them.
function stepper(explorer, countOf) {
  const { model, update } = explorer;
  const current = () => Math.min(model.get("position"), Math.max(0, countOf() - 1));
  const go = (position) => update("position", Math.max(0, Math.min(position, countOf() - 1)));
  let clock;
  const playing = () => clock !== undefined;
  function pause() {
    clearInterval(clock);
    clock = undefined;
    refresh();
  }
  function play() {
    if (playing()) return pause();
    if (current() >= countOf() - 1) go(0);
    clock = setInterval(() => {
      if (!toggle.isConnected || current() >= countOf() - 1) return pause();
      go(current() + 1);
    }, 700);
    refresh();
  }
  const moved = (position) => {
    pause();
    go(position);
  };
  const hand = (position) => () => moved(position());
  const toggle = button("", play, { class: "play" });
  const input = element("input", {
    type: "range", min: 0, step: 1, "aria-label": "position", "data-key": "position",
    oninput: (event) => moved(Number(event.target.value)),
  });
  const shown = element("output");
  const node = element("div", { class: "stepper", role: "group", "aria-label": "position" },
    button("|◀", hand(() => 0), { "aria-label": "first position" }),
    button("◀", hand(() => current() - 1), { "aria-label": "previous position" }),
    toggle,
    button("▶", hand(() => current() + 1), { "aria-label": "next position" }),
    button("▶|", hand(() => countOf() - 1), { "aria-label": "last position" }),
    element("span", { class: "place" }, input, shown));
  function refresh() {
    const count = countOf();
    toggle.textContent = playing() ? "pause" : "play";
    input.max = Math.max(0, count - 1);
    input.value = current();
    shown.textContent = count ? `${current() + 1} of ${count}` : "none";
    for (const each of node.querySelectorAll("button, input")) each.disabled = !count;
  }
  return { node, refresh, current, go: moved, pause };
}

// JupyterLab would take letters typed here for commands of its own: d, d deletes the cell.
function keepKeys(event) {
  event.target.setAttribute("data-lm-suppress-shortcuts", "true");
}

// --- the explorer ----------------------------------------------------------------------------
function explorer({ model, el }, title, keys) {
  const root = element("section", { class: "s13-explorer", "aria-label": title,
    onfocusin: keepKeys });
  const controls = element("div", { class: "controls" });
  const size = element("p", { class: "size" });
  const panels = element("div", { class: "panels" });
  const sentence = element("p", { class: "sentence", "aria-live": "polite" });
  root.append(controls, size, panels, sentence);
  el.append(root);

  const parts = [];
  let draw = () => {};
  function refresh() {
    for (const part of parts) part.refresh();
    draw();
    fit();
  }
  // One step may change several keys, here or in Python: one redraw is enough for them all.
  let [changing, waiting] = [false, false];
  function update(key, value) {
    const state = typeof key === "string" ? { [key]: value } : key;
    changing = true;
    for (const [name, each] of Object.entries(state)) model.set(name, each);
    changing = false;
    model.save_changes();
    refresh();
  }
  function changed() {
    if (changing || waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      if (root.isConnected) refresh();
    });
  }
  for (const key of keys) model.on(`change:${key}`, changed);

  // Cells as large as the width allows, between what is legible and what is handsome.
  function fit() {
    const shown = [...panels.children].filter((each) => each.offsetWidth);
    const signs = shown.filter((each) => each.matches(".sign"));
    const columns = sum(shown.flatMap((each) => [...each.querySelectorAll("tr:last-child")])
      .map((row) => row.cells.length));
    const around = 10 * shown.length + sum(signs.map((each) => each.offsetWidth));
    const room = (panels.clientWidth - around - 8 * shown.length) / (columns || 1) - 2;
    root.style.setProperty("--cell", `${Math.max(26, Math.min(36, Math.floor(room)))}px`);
  }
  const watcher = new ResizeObserver(() => {
    fit();
    self.resized();
  });
  watcher.observe(root);

  const self = {
    model, root, panels, update, refresh,
    resized: () => {},
    add(...made) {
      for (const each of made) {
        const part = typeof each === "function" ? each(self) : each;
        parts.push(part);
        controls.append(part.node);
      }
    },
    show(drawing) {
      draw = drawing;
      refresh();
    },
    say(...words) {
      sentence.replaceChildren(...words);
    },
    tell(...words) {
      size.replaceChildren(...words);
    },
    // In place of the picture, what is the matter; undefined when there is nothing.
    refuse(message) {
      root.classList.toggle("refused", message !== undefined);
      if (message !== undefined) self.say(message);
      return message !== undefined;
    },
    end() {
      watcher.disconnect();
      for (const key of keys) model.off(`change:${key}`, changed);
      root.remove();
    },
  };
  return self;
}

const sign = (text) => element("div", { class: "sign", "aria-hidden": "true" }, text);
const at = (r, c) => `(${r}, ${c})`;

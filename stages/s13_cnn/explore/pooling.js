// The maximum or the average of each window, and the way of the gradient back.

const IMAGES = {
  "lesson": { image: [[1, 3, 2, 1], [5, 6, 2, 4], [8, 9, 5, 3], [7, 4, 8, 7]] },
  "ties": { image: [[5, 5, 1, 2], [5, 5, 2, 2], [0, 7, 3, 3], [7, 7, 3, 1]] },
  "all negative": { image: [[-4, -2, -7, -1], [-3, -8, -5, -6], [-9, -1, -2, -2], [-5, -4, -3, -7]] },
  "5×5, nothing fits": { image: range(5).map((r) => range(5).map((c) => (7 * r + 3 * c) % 10)) },
};
const KINDS = { maximum: { kind: "maximum" }, average: { kind: "average" } };
const VIEWS = { forward: { view: "forward" }, "gradient back": { view: "gradient" } };
const STRIDES = {
  "as the pool": { stride: null },
  ...Object.fromEntries([1, 2, 3, 4].map((stride) => [`by ${stride}`, { stride }])),
};

function render({ model, el }) {
  const keys = ["image", "kind", "view", "pool_size", "stride", "position"];
  const self = explorer({ model, el }, "Pooling, forward and back", keys);
  const get = (key) => model.get(key);

  function geometry() {
    const image = get("image");
    const size = [get("pool_size"), get("pool_size")];
    const stride = get("stride") ?? get("pool_size");
    const window = slide([image.length, image[0].length], size, stride);
    const values = (step) => window.pixels(step).map(([r, c]) => image[r][c]);
    return { image, size, stride, window, values };
  }

  const steps = stepper(self, () => geometry().window.count);
  self.add(
    steps,
    choice("pooling", KINDS), choice("direction", VIEWS), slider("pool_size", "pool size", 1, 4),
    choice("stride", STRIDES), choice("image", IMAGES),
  );
  const pick = { onpick: (r, c) => steps.go(r * geometry().window.OW + c) };
  const input = grid("input");
  const output = grid("output", pick);
  const gradient = grid("gradient", pick);
  const back = grid("back");
  const forth = [sign("→"), output.node];
  const home = [gradient.node, sign("→"), back.node];
  const arrows = document.createElementNS(SVG, "svg");
  arrows.setAttribute("class", "arrows");
  arrows.setAttribute("aria-hidden", "true");
  self.panels.append(input.node, ...forth, ...home, arrows);
  self.resized = () => drawArrows();

  let path = [];
  function drawArrows() {
    const frame = self.panels.getBoundingClientRect();
    const middle = (cell) => {
      const box = cell.getBoundingClientRect();
      return [box.left + box.width / 2 - frame.left, box.top + box.height / 2 - frame.top];
    };
    arrows.innerHTML =
      '<defs><marker id="s13-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5"' +
      ' markerHeight="5" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>';
    // Where the grids stand below each other an arrow would cross the numbers.
    const wrapped = back.node.offsetTop > gradient.node.offsetTop + gradient.node.offsetHeight;
    for (const [from, to] of wrapped ? [] : path) {
      const [[x1, y1], [x2, y2]] = [middle(from), middle(to)];
      const curve = document.createElementNS(SVG, "path");
      const bend = Math.min(y1, y2) - 26;
      curve.setAttribute("d", `M${x1} ${y1 - 12}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2 - 10}`);
      curve.setAttribute("marker-end", "url(#s13-tip)");
      arrows.append(curve);
    }
  }

  self.show(() => {
    const { image, size, stride, window, values } = geometry();
    const [H, W] = [image.length, image[0].length];
    const [kind, backward] = [get("kind"), get("view") === "gradient"];
    for (const each of forth) each.hidden = backward;
    for (const each of home) each.hidden = !backward;
    self.tell(...formulas([H, W], evenly(0), window, stride));
    const position = steps.current();
    const pixels = window.count ? window.pixels(position) : [];
    const place = new Set(pixels.map(([r, c]) => at(r, c)));
    const seen = new Set(range(window.count).flatMap(window.pixels).map(([r, c]) => at(r, c)));
    const winner = (step) => window.pixels(step)[maximum(values(step))];
    const won = kind === "maximum" && window.count ? at(...winner(position)) : "";
    const strength = tint(image);
    input.draw(titled("image", H, W), H, W, (r, c) => ({
      value: image[r][c],
      classes: [
        place.has(at(r, c)) && "window", at(r, c) === won && "chosen",
        window.count && !seen.has(at(r, c)) && "unseen",
      ].filter(Boolean).join(" "),
      strength: strength(image[r][c]),
    }));
    path = [];
    const none = window.count ? undefined : misfit("pool", size, window, [H, W]);
    if (self.refuse(none)) return drawArrows();

    const pooled = (step) =>
      kind === "maximum" ? values(step)[maximum(values(step))] : sum(values(step)) / size[0] ** 2;
    const [oh, ow] = [Math.floor(position / window.OW), position % window.OW];
    if (!backward) {
      const green = tint([range(window.count).map(pooled)]);
      output.draw(titled("output", window.OH, window.OW), window.OH, window.OW, (r, c) => {
        const step = r * window.OW + c;
        if (step > position) return { classes: "later" };
        const classes = step === position ? "current" : "";
        return { value: pooled(step), classes, strength: green(pooled(step)) };
      });
      const how = kind === "maximum"
        ? `max(${values(position).map(plain).join(", ")})`
        : `(${values(position).map(factor).join(" + ")}) / ${size[0] ** 2}`;
      self.say(element("b", {}, `output ${at(oh, ow)}`), ` = ${how} = `,
        element("b", {}, plain(pooled(position))), remark());
      return drawArrows();
    }

    // The gradient for the output: one number for each window, none like another.
    const given = (step) => step + 1;
    const received = image.map((row) => row.map(() => 0));
    for (const step of range(position + 1)) {
      const parts = shares(kind, values(step), given(step));
      window.pixels(step).forEach(([r, c], i) => { received[r][c] += parts[i]; });
    }
    const now = shares(kind, values(position), given(position));
    const part = new Map(pixels.map(([r, c], i) => [at(r, c), now[i]]));
    const [red, purple] = [tint([[window.count]]), tint(received)];
    gradient.draw(titled("grad_out", window.OH, window.OW), window.OH, window.OW, (r, c) => {
      const step = r * window.OW + c;
      const classes = step > position ? "later" : step === position ? "current" : "";
      return { value: given(step), classes, strength: step > position ? 0 : red(given(step)) };
    });
    back.draw(titled("grad_x", H, W), H, W, (r, c) => ({
      value: received[r][c], classes: part.get(at(r, c)) ? "current" : "",
      strength: received[r][c] ? purple(received[r][c]) : 0,
    }));
    const paid = sum(range(position + 1).map(given));
    const target = kind === "maximum"
      ? `goes to x${at(...winner(position))}, where the maximum came from`
      : `is shared: ${plain(given(position))} / ${size[0] ** 2} = ` +
        `${plain(now[0])} for each pixel of the window`;
    self.say(element("b", {}, `grad_out ${at(oh, ow)} = ${plain(given(position))}`),
      ` ${target}${remark()}. So far: sum of grad_out ${plain(paid)}, `,
      `sum of grad_x ${plain(sum(received.flat()))}.`);
    path = pixels.filter(([r, c]) => part.get(at(r, c)))
      .map(([r, c]) => [gradient.cell(oh, ow), back.cell(r, c)]);
    drawArrows();

    function remark() {
      const ties = values(position).filter((v) => v === values(position)[maximum(values(position))]);
      return kind === "maximum" && ties.length > 1 ? ` (first of ${ties.length} equal ones)` : "";
    }
  });
  return () => {
    steps.pause();
    self.end();
  };
}

export default { render };

// Each window of an image becomes one row of a matrix.

const counting = (rows, columns, channels) => ({
  image: range(rows).map((r) => range(columns).map((c) =>
    range(channels).map((channel) => 100 * channel + columns * r + c + 1))),
});
const IMAGES = {
  "one channel": counting(4, 4, 1),
  "two channels": counting(3, 4, 2),
  "three channels": counting(3, 3, 3),
};

function render({ model, el }) {
  const keys = ["image", "kernel_height", "kernel_width", "stride", "padding", "position"];
  const self = explorer({ model, el }, "Windows become the rows of a matrix", keys);
  const get = (key) => model.get(key);

  function geometry() {
    const [H, W, C] = [get("image").length, get("image")[0].length, get("image")[0][0].length];
    const padding = get("padding");
    const zero = Array(C).fill(0);
    const image = frame(get("image"), evenly(padding), zero);
    const size = [get("kernel_height"), get("kernel_width")];
    const window = slide([image.length, image[0].length], size, get("stride"));
    return { image, H, W, C, padding, size, window };
  }

  const steps = stepper(self, () => geometry().window.count);
  self.add(
    steps,
    slider("kernel_height", "kernel height", 1, 3), slider("kernel_width", "width", 1, 3),
    slider("stride", "stride", 1, 3), slider("padding", "padding", 0, 2),
    choice("image", IMAGES),
  );

  const channels = range(3).map(() => grid("input"));
  const matrix = grid("matrix", { onpick: (r) => steps.go(r) });
  self.panels.append(...channels.map((each) => each.node), sign("→"), matrix.node);
  // Whoever points at a number of the matrix sees the pixel that it was copied from.
  function point(event) {
    for (const each of self.root.querySelectorAll(".pointed")) each.classList.remove("pointed");
    const cell = event.type === "mouseover" && event.target.closest("td");
    if (!cell || cell.dataset.value === undefined) return;
    const { window, C } = geometry();
    const [r, c] = window.pixels(Number(cell.dataset.row))[Math.floor(cell.dataset.column / C)];
    for (const each of [cell, channels[cell.dataset.column % C].cell(r, c)]) each.classList.add("pointed");
  }
  matrix.node.addEventListener("mouseover", point);
  matrix.node.addEventListener("mouseout", point);

  self.show(() => {
    const { image, H, W, C, padding, size, window } = geometry();
    const [rows, columns] = [image.length, image[0].length];
    const [KH, KW] = size;
    self.tell(...formulas([H, W], evenly(padding), window, get("stride")));
    const position = steps.current();
    const pixels = window.count ? window.pixels(position) : [];
    const place = new Set(pixels.map(([r, c]) => at(r, c)));
    const strength = tint(image.flat());
    const inFrame = (r, c) =>
      r < padding || c < padding || r >= rows - padding || c >= columns - padding;
    channels.forEach((each, channel) => {
      each.node.hidden = channel >= C;
      if (channel >= C) return;
      const name = C === 1 ? "image" : `channel ${channel}`;
      each.draw(titled(padding ? `${name}, padded` : name, rows, columns), rows, columns, (r, c) => ({
        value: image[r][c][channel],
        classes: `${inFrame(r, c) ? "frame" : ""} ${place.has(at(r, c)) ? "window" : ""}`,
        strength: inFrame(r, c) ? 0 : strength(image[r][c][channel]),
      }));
    });
    const none = window.count ? undefined : misfit("kernel", size, window, [rows, columns]);
    if (self.refuse(none)) return;

    const row = (step) => window.pixels(step).flatMap(([r, c]) => image[r][c]);
    const width = KH * KW * C;
    const place3 = range(width).map((i) =>
      [Math.floor(i / C / KW), Math.floor(i / C) % KW, i % C]);
    const heads = {
      tops: ["kh", "kw", "c"].map((name, i) => ({ name, labels: place3.map((p) => p[i]) })),
      sides: range(window.count).map((step) =>
        `${step} ${at(Math.floor(step / window.OW), step % window.OW)}`),
    };
    matrix.draw(titled("col", window.count, width), window.count, width, (r, i) => {
      if (r > position) return { classes: "later" };
      return { value: row(r)[i], classes: r === position ? "window" : "", strength: 0.08 };
    }, heads);
    const [oh, ow] = [Math.floor(position / window.OW), position % window.OW];
    self.say("The window at output position ", element("b", {}, at(oh, ow)), " becomes ",
      element("b", {}, `row ${position}`),
      ` = ${oh}·${window.OW} + ${ow}: ${row(position).map(plain).join(", ")}`);
  });
  return () => {
    steps.pause();
    self.end();
  };
}

export default { render };

// A kernel steps over an image: window, products, sum, output.

const EDGE = [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 1]];
const IMAGES = {
  "edges": { image: EDGE },
  "sliding window": { image: [[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]] },
  "a dot": { image: range(5).map((r) => range(5).map((c) => Number(r === 2 && c === 2))) },
  "a flat patch": { image: range(5).map(() => Array(5).fill(3)) },
  "counting": { image: range(6).map((r) => range(6).map((c) => 6 * r + c)) },
};
const KERNELS = {
  "vertical edges": { kernel: [[1, 0, -1], [1, 0, -1], [1, 0, -1]] },
  "horizontal edges": { kernel: [[1, 1, 1], [0, 0, 0], [-1, -1, -1]] },
  "Laplacian": { kernel: [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]] },
  "sharpen": { kernel: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]] },
  "blur": { kernel: range(3).map(() => Array(3).fill(1 / 9)) },
  "identity": { kernel: [[0, 0, 0], [0, 1, 0], [0, 0, 0]] },
  "small, 2×2": { kernel: [[1, 0], [-1, 1]] },
};

function render({ model, el }) {
  const keys = ["image", "kernel", "stride", "padding", "dilation", "position"];
  const self = explorer({ model, el }, "Convolution step by step", keys);
  const get = (key) => model.get(key);
  const rotated = () => get("kernel").map((row) => [...row].reverse()).reverse();

  function geometry() {
    const image = frame(get("image"), evenly(get("padding")), 0);
    const [rows, columns] = [image.length, image[0].length];
    const kernel = get("kernel");
    const size = [kernel.length, kernel[0].length];
    const window = slide([rows, columns], size, get("stride"), get("dilation"));
    return { image, kernel, size, window, rows, columns };
  }

  const steps = stepper(self, () => geometry().window.count);
  const turn = button("rotate by 180°", () => self.update("kernel", rotated()), { class: "turn" });
  self.add(
    steps,
    slider("stride", "stride", 1, 4), slider("padding", "padding", 0, 4),
    slider("dilation", "dilation", 1, 3),
    choice("image", IMAGES), choice("kernel", KERNELS), { node: turn, refresh() {} },
  );

  const input = grid("input");
  const weights = grid("kernel", {
    oninput(r, c, value) {
      const changed = get("kernel").map((row) => [...row]);
      changed[r][c] = value;
      self.update("kernel", changed);
    },
  });
  const products = grid("product");
  const output = grid("output", { onpick: (r, c) => steps.go(r * geometry().window.OW + c) });
  self.panels.append(
    input.node, sign("·"), weights.node, sign("="), products.node, sign("Σ →"), output.node,
  );

  self.show(() => {
    const { image, kernel, size, window, rows, columns } = geometry();
    const padding = get("padding");
    const [KH, KW] = size;
    const shape = [rows - 2 * padding, columns - 2 * padding];
    self.tell(...formulas(shape, evenly(padding), window, get("stride")),
      get("dilation") > 1 ? spread(size, get("dilation")) : "");

    const position = steps.current();
    const pixels = window.count ? window.pixels(position) : [];
    const place = new Map(pixels.map(([r, c], i) => [at(r, c), i]));
    const strength = tint(image);
    const inFrame = (r, c) =>
      r < padding || c < padding || r >= rows - padding || c >= columns - padding;
    input.draw(titled(padding ? "image, padded" : "image", rows, columns), rows, columns, (r, c) => ({
      value: image[r][c],
      classes: `${inFrame(r, c) ? "frame" : ""} ${place.has(at(r, c)) ? "window" : ""}`,
      strength: inFrame(r, c) ? 0 : strength(image[r][c]),
    }));
    const heavy = tint(kernel);
    weights.draw(titled("kernel", KH, KW), KH, KW, (r, c) => ({
      value: kernel[r][c], strength: heavy(kernel[r][c]),
    }));
    const none = window.count
      ? undefined : misfit("kernel", size, window, [rows, columns], get("dilation"));
    if (self.refuse(none)) return;

    const terms = (step) => window.pixels(step).map(([r, c], i) =>
      image[r][c] * kernel[Math.floor(i / KW)][i % KW]);
    const now = terms(position);
    products.draw(titled("products", KH, KW), KH, KW, (r, c) => ({ value: now[r * KW + c] }));
    const sums = range(window.count).map((step) => sum(terms(step)));
    const green = tint([sums]);
    output.draw(titled("output", window.OH, window.OW), window.OH, window.OW, (r, c) => {
      const step = r * window.OW + c;
      if (step > position) return { classes: "later" };
      const classes = step === position ? "current" : "";
      return { value: sums[step], classes, strength: green(sums[step]) };
    });
    const [oh, ow] = [Math.floor(position / window.OW), position % window.OW];
    const written = pixels.map(([r, c], i) =>
      `${plain(image[r][c])}·${factor(kernel[Math.floor(i / KW)][i % KW])}`);
    self.say(element("b", {}, `output ${at(oh, ow)}`), ` = ${written.join(" + ")} = `,
      element("b", {}, plain(sums[position])));
  });
  return () => {
    steps.pause();
    self.end();
  };
}

export default { render };

// A frame around an image, side by side, and where a window then fits.

const SIDES = ["top", "bottom", "left", "right"];

function render({ model, el }) {
  const keys = ["image", ...SIDES, "value", "kernel_height", "kernel_width", "stride", "position"];
  const self = explorer({ model, el }, "Padding and output size", keys);
  const get = (key) => model.get(key);
  const sides = () => Object.fromEntries(SIDES.map((side) => [side, get(side)]));
  const kernel = () => [get("kernel_height"), get("kernel_width")];

  function named(mode) {
    const [[top, bottom], [left, right]] = kernel().map(MODES[mode]);
    return { top, bottom, left, right };
  }
  function geometry() {
    const image = frame(get("image"), sides(), get("value"));
    const window = slide([image.length, image[0].length], kernel(), get("stride"));
    return { image, window };
  }

  const steps = stepper(self, () => geometry().window.count);
  const modes = Object.keys(MODES).map((mode) => {
    const node = button(mode, () => self.update({ ...named(mode), stride: 1 }));
    const refresh = () => {
      const holds = Object.entries(named(mode)).every(([side, n]) => get(side) === n);
      node.setAttribute("aria-pressed", holds && get("stride") === 1);
    };
    return { node, refresh };
  });
  const value = element("input", {
    class: "value", inputmode: "decimal", "data-key": "value",
    onchange(event) {
      const typed = number(event.target.value);
      if (typed !== undefined) self.update("value", typed);
      else value.value = plain(get("value"));
    },
  });
  self.add(
    steps,
    ...SIDES.map((side) => slider(side, side, 0, 4)),
    {
      node: element("label", {}, element("span", {}, "value"), value),
      refresh() { value.value = plain(get("value")); },
    },
    slider("kernel_height", "kernel height", 1, 5), slider("kernel_width", "width", 1, 5),
    slider("stride", "stride", 1, 4),
    {
      node: element("div", { class: "modes", role: "group", "aria-label": "named paddings" },
        "at stride 1: ", ...modes.map((mode) => mode.node)),
      refresh() { for (const mode of modes) mode.refresh(); },
    },
  );

  const input = grid("input");
  const output = grid("output", { onpick: (r, c) => steps.go(r * geometry().window.OW + c) });
  self.panels.append(input.node, sign("→"), output.node);

  self.show(() => {
    const { image, window } = geometry();
    const [rows, columns] = [image.length, image[0].length];
    const { top, bottom, left, right } = sides();
    const inFrame = (r, c) =>
      r < top || c < left || r >= rows - bottom || c >= columns - right;
    self.tell(...formulas([rows - top - bottom, columns - left - right], sides(), window,
      get("stride")));

    const position = steps.current();
    const seen = new Set(range(window.count).flatMap(window.pixels).map(([r, c]) => at(r, c)));
    const pixels = window.count ? window.pixels(position) : [];
    const place = new Set(pixels.map(([r, c]) => at(r, c)));
    const strength = tint(get("image"));
    input.draw(titled("padded image", rows, columns), rows, columns, (r, c) => ({
      value: image[r][c],
      classes: [
        inFrame(r, c) && "frame", place.has(at(r, c)) && "window",
        window.count && !seen.has(at(r, c)) && "unseen",
      ].filter(Boolean).join(" "),
      strength: inFrame(r, c) ? 0 : strength(image[r][c]),
    }));
    const none = window.count
      ? undefined : misfit("kernel", kernel(), window, [rows, columns]);
    if (self.refuse(none)) return;

    const covered = (step) => window.pixels(step).filter(([r, c]) => !inFrame(r, c)).length;
    const area = kernel()[0] * kernel()[1];
    output.draw([...titled("positions", window.OH, window.OW), ", pixels covered"], window.OH, window.OW, (r, c) => {
      const step = r * window.OW + c;
      const count = covered(step);
      return {
        value: count, classes: step === position ? "current" : "",
        strength: 0.1 + (0.4 * count) / area,
      };
    });
    const [oh, ow] = [Math.floor(position / window.OW), position % window.OW];
    const missed = rows * columns - seen.size;
    self.say(element("b", {}, `position ${at(oh, ow)}`),
      `: the window covers ${covered(position)} pixels of the image and ` +
      `${area - covered(position)} of the frame.` +
      (missed ? ` At this stride ${missed} cells of the padded image are never visited.` : ""));
  });
  return () => {
    steps.pause();
    self.end();
  };
}

export default { render };

// A canvas to draw a digit on, what the network is shown of it, and its scores.

const SIDE = 140;

function tag(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function render({ model, el }) {
  const canvas = tag("canvas", {
    class: "paper", width: SIDE, height: SIDE, tabindex: 0, role: "application",
    "aria-label": "draw a digit: arrow keys move the pen, space puts it down or lifts it",
  });
  const small = tag("canvas", { class: "seen", width: 28, height: 28, role: "img",
    "aria-label": "what the network sees, 28 by 28 pixels" });
  const clear = tag("button", { type: "button" }, "clear");
  const words = tag("p", { class: "guess", "aria-live": "polite" });
  const bars = tag("div", { class: "bars" });
  const root = tag("section", { class: "s13-draw", "aria-label": "Draw a digit" },
    tag("div", {}, tag("p", {}, "draw a digit"), canvas, clear),
    tag("div", {}, tag("p", {}, "what the network sees"), small),
    tag("div", { class: "scores" }, words, bars));
  el.append(root);
  // JupyterLab would take letters typed here for commands of its own: d, d deletes the cell.
  root.addEventListener("focusin", (event) => {
    event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.lineWidth = 11;
  pen.lineCap = pen.lineJoin = "round";

  function line(from, to) {
    pen.strokeStyle = getComputedStyle(root).color;
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  }
  function send() {
    const pixels = pen.getImageData(0, 0, SIDE, SIDE).data;
    const ink = new Uint8Array(SIDE * SIDE);
    for (let i = 0; i < ink.length; i += 1) ink[i] = pixels[4 * i + 3];
    model.set("ink", btoa(String.fromCharCode(...ink)));
    model.save_changes();
  }

  // --- pen and finger ---
  let last;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top].map((n) => (n * SIDE) / box.width);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    line(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = place(event);
    line(last, next);
    last = next;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      if (last) send();
      last = undefined;
    });
  }

  // --- keys ---
  let [cursor, down] = [[SIDE / 2, SIDE / 2], false];
  const steps = { ArrowUp: [0, -6], ArrowDown: [0, 6], ArrowLeft: [-6, 0], ArrowRight: [6, 0] };
  canvas.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (!step) {
      down = !down;
      if (down) line(cursor, cursor);
      words.textContent = down ? "the pen is down" : "the pen is up";
      return down ? undefined : send();
    }
    const next = cursor.map((n, i) => Math.max(6, Math.min(SIDE - 6, n + step[i])));
    if (down) line(cursor, next);
    cursor = next;
  });
  clear.addEventListener("click", () => {
    pen.clearRect(0, 0, SIDE, SIDE);
    [cursor, down] = [[SIDE / 2, SIDE / 2], false];
    send();
  });

  // --- what comes back ---
  function show() {
    const seen = small.getContext("2d");
    seen.clearRect(0, 0, 28, 28);
    const pixels = model.get("seen");
    const [red, green, blue] = getComputedStyle(root).color.match(/\d+/g);
    pixels.forEach((value, i) => {
      seen.fillStyle = `rgba(${red}, ${green}, ${blue}, ${value / 255})`;
      seen.fillRect(i % 28, Math.floor(i / 28), 1, 1);
    });
    const scores = model.get("scores");
    words.textContent = model.get("message");
    const [least, most] = [Math.min(...scores), Math.max(...scores)];
    bars.replaceChildren(...scores.map((score, digit) => {
      const bar = tag("span", { class: "bar" });
      bar.style.width = `${4 + (96 * (score - least)) / (most - least || 1)}%`;
      return tag("div", { class: score === most ? "best" : "" },
        tag("b", {}, String(digit)), tag("span", { class: "track" }, bar),
        tag("span", { class: "score" }, (Math.round(10 * score) / 10 || 0).toFixed(1).replace("-", "−")));
    }));
  }
  const events = ["change:seen", "change:scores", "change:message"];
  for (const event of events) model.on(event, show);
  show();
  return () => {
    for (const event of events) model.off(event, show);
    root.remove();
  };
}

export default { render };

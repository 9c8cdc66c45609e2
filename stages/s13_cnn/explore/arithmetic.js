// What the pictures show, as pure functions on lists of rows. No drawing here.

const range = (n) => Array.from({ length: Math.max(0, n) }, (_, i) => i);

// Where a window lies at each position, in row-major order.
function slide([rows, columns], [KH, KW], stride, dilation = 1) {
  const reach = [KH, KW].map((k) => dilation * (k - 1) + 1);
  const count = (n, k) => (n < k ? 0 : Math.floor((n - k) / stride) + 1);
  const [OH, OW] = [count(rows, reach[0]), count(columns, reach[1])];
  const corner = (position) => [Math.floor(position / OW) * stride, (position % OW) * stride];
  const pixels = (position) => {
    const [top, left] = corner(position);
    return range(KH * KW).map((place) => [
      top + dilation * Math.floor(place / KW),
      left + dilation * (place % KW),
    ]);
  };
  return { OH, OW, count: OH * OW, reach, corner, pixels };
}

function frame(image, { top, bottom, left, right }, value) {
  const width = left + image[0].length + right;
  const line = () => Array(width).fill(value);
  const side = (n) => Array(n).fill(value);
  return [
    ...range(top).map(line),
    ...image.map((row) => [...side(left), ...row, ...side(right)]),
    ...range(bottom).map(line),
  ];
}

const evenly = (padding) => ({ top: padding, bottom: padding, left: padding, right: padding });

// How many pixels of frame a named padding lays before and after, along one axis at stride 1.
const MODES = {
  valid: () => [0, 0],
  same: (k) => [Math.floor((k - 1) / 2), Math.ceil((k - 1) / 2)],
  full: (k) => [k - 1, k - 1],
};

const sum = (values) => values.reduce((total, value) => total + value, 0);

function maximum(values) {
  let place = 0;
  values.forEach((value, i) => {
    if (value > values[place]) place = i;
  });
  return place;
}

// What each pixel of a window gets of the gradient for the window's output.
function shares(kind, values, gradient) {
  if (kind === "average") return values.map(() => gradient / values.length);
  const first = maximum(values);
  return values.map((_, i) => (i === first ? gradient : 0));
}

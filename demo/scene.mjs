// The demo's camera: a street at dusk with a car, a walker and a clock, so that movement and delay can be seen.

/** @typedef {readonly [red: number, green: number, blue: number]} Colour */
/** @typedef {{ pixels: Buffer, width: number, height: number }} Canvas RGB, 3 bytes per pixel, rows from the top */

/** Colours of the sky by height: 0 at the top, 1 at the horizon. @type {readonly (readonly [number, Colour])[]} */
const SKY = [
  [0, [18, 20, 52]],
  [0.35, [58, 44, 104]],
  [0.62, [158, 72, 118]],
  [0.82, [240, 128, 96]],
  [1, [255, 206, 130]],
]
const HORIZON = 0.66
/** Ranges of hills, far to near: base and height in parts of the picture, waves across, colour. */
const HILLS = [
  { base: 0.63, swell: 0.06, waves: 1.3, phase: 0.4, colour: /** @type {Colour} */ ([96, 62, 112]) },
  { base: 0.69, swell: 0.05, waves: 2.1, phase: 2.2, colour: /** @type {Colour} */ ([58, 46, 92]) },
  { base: 0.755, swell: 0.03, waves: 3.2, phase: 4.0, colour: /** @type {Colour} */ ([32, 32, 66]) },
]
const ROAD_TOP = 0.78

/** Five columns by seven rows, one bit each, drawn row by row from the top left. @type {Readonly<Record<string, string>>} */
const GLYPHS = {
  0: '01110 10001 10011 10101 11001 10001 01110',
  1: '00100 01100 00100 00100 00100 00100 01110',
  2: '01110 10001 00001 00110 01000 10000 11111',
  3: '11111 00010 00100 00010 00001 10001 01110',
  4: '00010 00110 01010 10010 11111 00010 00010',
  5: '11111 10000 11110 00001 00001 10001 01110',
  6: '00110 01000 10000 11110 10001 10001 01110',
  7: '11111 00001 00010 00100 01000 01000 01000',
  8: '01110 10001 10001 01110 10001 10001 01110',
  9: '01110 10001 10001 01111 00001 00010 01100',
  ':': '00000 00100 00100 00000 00100 00100 00000',
  '.': '00000 00000 00000 00000 00000 00110 00110',
}

/** @type {Canvas | undefined} The part that does not move, kept for the size that was drawn last. */
let landscape

/**
 * Draws the scene as it looks at a moment.
 *
 * @param {number} width in pixels, from 16
 * @param {number} height in pixels, from 16
 * @param {number} timeMs milliseconds since 1970; the clock shows it in local time
 * @returns {Buffer} RGB pixels, width x height x 3 bytes, in memory of its own
 */
export function drawScene(width, height, timeMs) {
  if (landscape?.width !== width || landscape.height !== height) landscape = drawLandscape(width, height)
  const canvas = { pixels: Buffer.from(landscape.pixels), width, height }
  const seconds = (timeMs % 86_400_000) / 1000
  drawWalker(canvas, seconds)
  drawCar(canvas, seconds)
  drawClock(canvas, new Date(timeMs))
  return canvas.pixels
}

/** @returns {Canvas} */
function drawLandscape(/** @type {number} */ width, /** @type {number} */ height) {
  const canvas = { pixels: Buffer.alloc(width * height * 3), width, height }
  for (let y = 0; y < height; y++) {
    const colour = skyAt(Math.min(y / height / HORIZON, 1))
    for (let x = 0; x < width; x++) blend(canvas, x, y, colour, 1)
  }
  for (let star = 0; star < 70; star++) {
    const x = fraction(Math.sin(star * 12.9898) * 43758.5453) * width
    const y = fraction(Math.sin(star * 78.233) * 12543.123) ** 1.6 * height * 0.4
    disc(canvas, x, y, height / 480, [255, 250, 235], 0.35 + 0.5 * fraction(star * 0.618))
  }
  const sun = { x: width * 0.7, y: height * 0.6 }
  glow(canvas, sun.x, sun.y, height * 0.3, [255, 190, 120], 0.6)
  disc(canvas, sun.x, sun.y, height * 0.07, [255, 236, 190], 1)
  for (const { base, swell, waves, phase, colour } of HILLS) {
    for (let x = 0; x < width; x++) {
      const along = (x / width) * Math.PI * 2 * waves + phase
      const top = height * (base - swell * (Math.sin(along) * 0.6 + Math.sin(along * 2.3 + 1) * 0.4))
      for (let y = Math.max(0, Math.floor(top)); y < height; y++) blend(canvas, x, y, colour, Math.min(1, y + 1 - top))
    }
  }
  box(canvas, 0, height * ROAD_TOP, width, height, [44, 44, 54], 1)
  box(canvas, 0, height * ROAD_TOP, width, height * (ROAD_TOP + 0.045), [82, 78, 92], 1)
  for (let mark = 0; mark < 8; mark++) {
    const x = ((mark + 0.2) / 8) * width
    box(canvas, x, height * 0.9, x + width * 0.06, height * 0.908, [206, 196, 160], 1)
  }
  for (let lamp = 0; lamp < 3; lamp++) drawLamp(canvas, width * (0.12 + lamp * 0.38), height)
  return canvas
}

function drawLamp(/** @type {Canvas} */ canvas, /** @type {number} */ x, /** @type {number} */ height) {
  const foot = height * (ROAD_TOP + 0.01)
  const top = height * 0.47
  limb(canvas, x, foot, x, top, height * 0.004, [24, 24, 34])
  limb(canvas, x, top, x + height * 0.04, top - height * 0.01, height * 0.004, [24, 24, 34])
  glow(canvas, x + height * 0.045, top, height * 0.08, [255, 220, 150], 0.7)
  disc(canvas, x + height * 0.045, top, height * 0.011, [255, 246, 214], 1)
}

/** A walker on the pavement, from right to left in 24 seconds. */
function drawWalker(/** @type {Canvas} */ canvas, /** @type {number} */ seconds) {
  const size = canvas.height * 0.15
  const x = canvas.width * (1.1 - fraction(seconds / 24) * 1.2)
  const stride = seconds * Math.PI * 1.8
  const hip = canvas.height * (ROAD_TOP + 0.035) - size * (0.46 + 0.012 * Math.cos(stride * 2))
  const shoulder = hip - size * 0.32
  const swing = Math.sin(stride)
  for (const side of [-1, 1]) {
    const forward = swing * side
    const trousers = /** @type {Colour} */ (side < 0 ? [40, 46, 84] : [54, 62, 108])
    const sleeve = /** @type {Colour} */ (side < 0 ? [176, 74, 58] : [214, 96, 70])
    const knee = { x: x - size * (0.1 * forward + 0.03), y: hip + size * 0.23 }
    const lift = Math.max(0, -Math.cos(stride) * side) * size * 0.06
    limb(canvas, x, hip, knee.x, knee.y, size * 0.05, trousers)
    limb(canvas, knee.x, knee.y, x - size * (0.2 * forward - 0.02), hip + size * 0.45 - lift, size * 0.042, trousers)
    const elbow = { x: x + size * 0.1 * forward, y: shoulder + size * 0.19 }
    limb(canvas, x, shoulder + size * 0.03, elbow.x, elbow.y, size * 0.038, sleeve)
    limb(
      canvas,
      elbow.x,
      elbow.y,
      elbow.x - size * (0.07 - 0.05 * forward),
      elbow.y + size * 0.13,
      size * 0.032,
      sleeve,
    )
    if (side < 0) limb(canvas, x, hip - size * 0.02, x, shoulder + size * 0.04, size * 0.085, [232, 112, 80])
  }
  disc(canvas, x - size * 0.015, shoulder - size * 0.13, size * 0.085, [240, 196, 160], 1)
  disc(canvas, x + size * 0.02, shoulder - size * 0.165, size * 0.07, [66, 40, 36], 1)
}

/** A car with its lights on, from left to right in 8 seconds. */
function drawCar(/** @type {Canvas} */ canvas, /** @type {number} */ seconds) {
  const length = canvas.height * 0.34
  const x = canvas.width * -0.35 + fraction(seconds / 8) * (canvas.width * 1.7)
  const ground = canvas.height * 0.97
  const at = (/** @type {number} */ along, /** @type {number} */ up) => ({
    x: x + along * length,
    y: ground - up * length,
  })
  const line = (
    /** @type {readonly [number, number]} */ from,
    /** @type {readonly [number, number]} */ to,
    /** @type {number} */ radius,
    /** @type {Colour} */ colour,
  ) => limb(canvas, at(...from).x, at(...from).y, at(...to).x, at(...to).y, radius * length, colour)
  const spot = (
    /** @type {readonly [number, number]} */ centre,
    /** @type {number} */ radius,
    /** @type {Colour} */ colour,
  ) => disc(canvas, at(...centre).x, at(...centre).y, radius * length, colour, 1)

  for (let beam = 1; beam < 9; beam++) {
    glow(canvas, at(0.5 + beam * 0.06, 0).x, at(0, 0.15 - beam * 0.01).y, beam * 0.03 * length, [255, 236, 170], 0.16)
  }
  line([-0.4, 0.02], [0.4, 0.02], 0.025, [22, 22, 30])
  line([-0.16, 0.31], [0.12, 0.31], 0.085, [30, 150, 160])
  line([-0.2, 0.28], [-0.26, 0.2], 0.06, [30, 150, 160])
  line([0.16, 0.28], [0.24, 0.2], 0.06, [30, 150, 160])
  line([-0.4, 0.16], [0.42, 0.16], 0.09, [36, 176, 186])
  line([-0.16, 0.3], [-0.05, 0.3], 0.055, [182, 220, 236])
  line([0.06, 0.3], [0.14, 0.3], 0.055, [206, 236, 246])
  line([-0.4, 0.115], [0.42, 0.115], 0.012, [24, 118, 128])
  for (const axle of [-0.28, 0.28]) {
    spot([axle, 0.085], 0.095, [20, 20, 26])
    spot([axle, 0.085], 0.052, [170, 174, 184])
    const turn = seconds * 9
    for (let spoke = 0; spoke < 3; spoke++) {
      const angle = turn + (spoke * Math.PI * 2) / 3
      line([axle, 0.085], [axle + 0.04 * Math.cos(angle), 0.085 - 0.04 * Math.sin(angle)], 0.008, [70, 74, 86])
    }
  }
  spot([0.49, 0.17], 0.035, [255, 250, 220])
  spot([-0.475, 0.18], 0.028, [255, 60, 50])
}

/** HH:MM:SS.mmm, and below it a bar that fills once a second. */
function drawClock(/** @type {Canvas} */ canvas, /** @type {Date} */ time) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0')
  const fractionOfSecond = time.getMilliseconds()
  const hours = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  const text = `${hours}.${String(fractionOfSecond).padStart(3, '0')}`
  const dot = Math.max(1, Math.round(canvas.height / 150))
  const left = dot * 5
  const top = dot * 5
  const width = (text.length * 6 - 1) * dot
  box(canvas, left - dot * 3, top - dot * 3, left + width + dot * 3, top + dot * 14, [8, 10, 24], 0.55)
  for (const [index, character] of [...text].entries()) {
    for (const [row, bits] of (GLYPHS[character] ?? '').split(' ').entries()) {
      for (let column = 0; column < bits.length; column++) {
        if (bits[column] !== '1') continue
        const x = left + (index * 6 + column) * dot
        box(canvas, x, top + row * dot, x + dot, top + (row + 1) * dot, [255, 244, 214], 1)
      }
    }
  }
  const bar = top + dot * 9
  box(canvas, left, bar, left + width, bar + dot * 2, [70, 72, 100], 1)
  box(canvas, left, bar, left + (width * fractionOfSecond) / 1000, bar + dot * 2, [255, 170, 90], 1)
}

/** @returns {Colour} */
function skyAt(/** @type {number} */ height) {
  const above = SKY.findLast(([stop]) => stop <= height) ?? SKY[0]
  const below = SKY.find(([stop]) => stop > height) ?? above
  const part = below[0] === above[0] ? 0 : (height - above[0]) / (below[0] - above[0])
  const mix = (/** @type {number} */ channel) => above[1][channel] + part * (below[1][channel] - above[1][channel])
  return [mix(0), mix(1), mix(2)]
}

function fraction(/** @type {number} */ value) {
  return value - Math.floor(value)
}

/** Lays a colour over a pixel; `opacity` is 0 to 1. Outside the picture nothing happens. */
function blend(
  /** @type {Canvas} */ { pixels, width, height },
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {Colour} */ colour,
  /** @type {number} */ opacity,
) {
  if (x < 0 || y < 0 || x >= width || y >= height || opacity <= 0) return
  const at = (y * width + x) * 3
  pixels[at] += (colour[0] - pixels[at]) * opacity
  pixels[at + 1] += (colour[1] - pixels[at + 1]) * opacity
  pixels[at + 2] += (colour[2] - pixels[at + 2]) * opacity
}

/** A filled upright rectangle, edges on whole pixels. */
function box(
  /** @type {Canvas} */ canvas,
  /** @type {number} */ left,
  /** @type {number} */ top,
  /** @type {number} */ right,
  /** @type {number} */ bottom,
  /** @type {Colour} */ colour,
  /** @type {number} */ opacity,
) {
  for (let y = Math.round(top); y < Math.round(bottom); y++) {
    for (let x = Math.round(left); x < Math.round(right); x++) blend(canvas, x, y, colour, opacity)
  }
}

/** A filled circle with a smooth edge. */
function disc(
  /** @type {Canvas} */ canvas,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ radius,
  /** @type {Colour} */ colour,
  /** @type {number} */ opacity,
) {
  limb(canvas, x, y, x, y, radius, colour, opacity)
}

/** Light that fades from the middle outwards. */
function glow(
  /** @type {Canvas} */ canvas,
  /** @type {number} */ centreX,
  /** @type {number} */ centreY,
  /** @type {number} */ radius,
  /** @type {Colour} */ colour,
  /** @type {number} */ opacity,
) {
  for (let y = Math.floor(centreY - radius); y <= centreY + radius; y++) {
    for (let x = Math.floor(centreX - radius); x <= centreX + radius; x++) {
      const near = 1 - Math.hypot(x - centreX, y - centreY) / radius
      if (near > 0) blend(canvas, x, y, colour, opacity * near * near)
    }
  }
}

/** A thick line with round, smooth ends. */
function limb(
  /** @type {Canvas} */ canvas,
  /** @type {number} */ fromX,
  /** @type {number} */ fromY,
  /** @type {number} */ toX,
  /** @type {number} */ toY,
  /** @type {number} */ radius,
  /** @type {Colour} */ colour,
  opacity = 1,
) {
  const along = { x: toX - fromX, y: toY - fromY }
  const squared = along.x * along.x + along.y * along.y || 1
  const reach = radius + 1
  const lastX = Math.min(canvas.width - 1, Math.ceil(Math.max(fromX, toX) + reach))
  const lastY = Math.min(canvas.height - 1, Math.ceil(Math.max(fromY, toY) + reach))
  for (let y = Math.max(0, Math.floor(Math.min(fromY, toY) - reach)); y <= lastY; y++) {
    for (let x = Math.max(0, Math.floor(Math.min(fromX, toX) - reach)); x <= lastX; x++) {
      const part = Math.max(0, Math.min(1, ((x - fromX) * along.x + (y - fromY) * along.y) / squared))
      const distance = Math.hypot(x - fromX - part * along.x, y - fromY - part * along.y)
      blend(canvas, x, y, colour, opacity * Math.min(1, radius + 0.5 - distance))
    }
  }
}

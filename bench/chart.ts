/** Measured points of one line, in the order of x. */
export interface Line {
  name: string
  points: readonly { x: number; y: number }[]
}

export interface Chart {
  title: string
  xLabel: string
  yLabel: string
  lines: readonly Line[]
}

const WIDTH = 420
const HEIGHT = 280
const MARGIN = { left: 56, right: 16, top: 44, bottom: 48 }
const COLOURS = ['#1b6ca8', '#c8553d', '#5b8c5a', '#7d5ba6']
const STEPS = 4

/** Line charts side by side, two in a row, as one SVG; every axis begins at 0. */
export function svgCharts(charts: readonly Chart[]): string {
  const height = HEIGHT * Math.ceil(charts.length / 2)
  const panels = charts.map((chart, index) => {
    const at = `translate(${(index % 2) * WIDTH} ${Math.floor(index / 2) * HEIGHT})`
    return `<g transform="${at}">${panel(chart)}</g>`
  })
  const size = `width="${2 * WIDTH}" height="${height}" viewBox="0 0 ${2 * WIDTH} ${height}"`
  const background = '<rect width="100%" height="100%" fill="#fff"/>'
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11">
${background}
${panels.join('\n')}
</svg>
`
}

function panel({ title, xLabel, yLabel, lines }: Chart): string {
  const points = lines.flatMap((line) => line.points)
  const xMax = niceAbove(Math.max(...points.map(({ x }) => x)))
  const yMax = niceAbove(Math.max(...points.map(({ y }) => y)))
  const left = (x: number) => MARGIN.left + (x / xMax) * (WIDTH - MARGIN.left - MARGIN.right)
  const top = (y: number) => HEIGHT - MARGIN.bottom - (y / yMax) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const ticks = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS)
  const grid = ticks.map((share) => {
    const [x, y] = [left(share * xMax), top(share * yMax)]
    const line = `<path d="M${left(0)} ${y}H${left(xMax)}" stroke="#ddd"/>`
    const yTick = `<text x="${left(0) - 6}" y="${y + 4}" text-anchor="end">${label(share * yMax)}</text>`
    return `${line}${yTick}<text x="${x}" y="${top(0) + 16}" text-anchor="middle">${label(share * xMax)}</text>`
  })
  const drawn = lines.map((line, index) => {
    const colour = COLOURS[index % COLOURS.length]
    const at = line.points.map(({ x, y }) => `${left(x).toFixed(1)} ${top(y).toFixed(1)}`)
    const dots = line.points.map(
      ({ x, y }) => `<circle cx="${left(x).toFixed(1)}" cy="${top(y).toFixed(1)}" r="3" fill="${colour}"/>`,
    )
    const legend = `<text x="${left(0) + 8}" y="${MARGIN.top + 12 + index * 15}" fill="${colour}">${line.name}</text>`
    return `<path d="M${at.join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}${legend}`
  })
  const middle = (left(0) + left(xMax)) / 2
  const texts = [
    `<text x="${middle}" y="18" text-anchor="middle" font-size="13" font-weight="bold">${title}</text>`,
    `<text x="${middle}" y="${HEIGHT - 12}" text-anchor="middle">${xLabel}</text>`,
    `<text x="${left(0) - 40}" y="34">${yLabel}</text>`,
  ]
  return [...grid, ...drawn, ...texts].join('')
}

/** The next of 1, 2, 4, 8 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 4, 8, 10].find((step) => step * power >= value) ?? 10) * power
}

function label(value: number): string {
  return value >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(2)
}

import sharp from 'sharp'

/** What a camera of the pictured flow looks at. */
export type Scene = 'yard' | 'gate'

const SIZE = { width: 640, height: 360 }
const DRAWINGS = { yard: drawYard, gate: drawGate }

/** Some seconds of a scene as JPEGs, to be shown one after another for ever. */
export async function scene(name: Scene, frames: number): Promise<Buffer[]> {
  const draw = DRAWINGS[name]
  const pictures = Array.from({ length: frames }, (_, at) => asJpeg(draw(at / frames) + caption(name, at)))
  return Promise.all(pictures)
}

function asJpeg(drawing: string): Promise<Buffer> {
  const { width, height } = SIZE
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${GRADIENTS}${drawing}</svg>`
  return sharp(Buffer.from(svg)).flatten().jpeg({ quality: 92 }).toBuffer()
}

const GRADIENTS = `<defs>
  ${gradient('day', '#5b9bd0', '#dceefa')}
  ${gradient('lawn', '#8dbb5e', '#4c7f37')}
  ${gradient('roof', '#b4553f', '#8d3d2d')}
  ${gradient('dusk', '#252a5c', '#f0956a')}
  ${gradient('field', '#3a4a3d', '#1d2820')}
  <radialGradient id="lamp"><stop offset="0" stop-color="#fff2c0" stop-opacity=".95"/>
    <stop offset="1" stop-color="#ffcf70" stop-opacity="0"/></radialGradient>
</defs>`

function gradient(id: string, top: string, bottom: string): string {
  return `<linearGradient id="${id}" x2="0" y2="1"><stop stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient>`
}

/** A barn by day, a tree, clouds that drift and a hen that walks. */
function drawYard(turn: number): string {
  const sway = 3 * Math.sin(turn * 2 * Math.PI)
  return `<rect width="640" height="360" fill="url(#day)"/>
    <circle cx="548" cy="58" r="27" fill="#fff6d0"/><circle cx="548" cy="58" r="48" fill="#fff6d0" opacity=".3"/>
    ${cloud(90 + 60 * turn, 60, 1)}${cloud(330 + 45 * turn, 40, 0.7)}
    <path d="M0 190Q120 128 260 178T470 162T640 186V360H0Z" fill="#86a98a"/>
    <path d="M0 206Q150 168 330 202T640 196V360H0Z" fill="#6f9a63"/>
    <rect y="214" width="640" height="146" fill="url(#lawn)"/>
    <path d="M158 238Q262 276 248 360H436Q378 276 226 238Z" fill="#d9c7a0"/>
    <g stroke="#f3ece0" stroke-width="5">${fence(360, 660)}</g>
    <path d="M92 240V142L192 82L292 142V240Z" fill="#c8694d"/>
    <path d="M92 240V142L192 82V240Z" fill="#d47a5c"/>
    <path d="M76 150L192 72L308 150L300 162L192 92L84 162Z" fill="url(#roof)"/>
    <g fill="none" stroke="#f6e9d8" stroke-width="5">
      <rect x="154" y="166" width="76" height="74" fill="#8f3f30"/><path d="M154 166L230 240M230 166L154 240"/>
      <rect x="174" y="108" width="36" height="30" fill="#5a3029"/></g>
    <path d="M508 250Q515 190 505 160L531 160Q522 200 536 250Z" fill="#7a5638"/>
    <g fill="#4f8a3f" transform="translate(${sway} 0)"><circle cx="486" cy="150" r="36"/><circle cx="550" cy="148" r="40"/>
      <circle cx="516" cy="116" r="44"/><circle cx="500" cy="104" r="26" fill="#65a050"/>
      <circle cx="546" cy="128" r="22" fill="#65a050"/></g>
    <g fill="#3f6f31">${[20, 66, 560, 602, 118, 420].map((x, at) => `<path d="M${x} ${340 - (at % 3) * 14}l5-16 4 12 6-15 3 19z"/>`).join('')}</g>
    ${hen(330 + 150 * turn, 300, Math.sin(turn * 8 * Math.PI))}`
}

/** A gate at dusk in the light of a lamp, and a car that comes along the lane. */
function drawGate(turn: number): string {
  const carX = 640 - 250 * turn
  return `<rect width="640" height="360" fill="url(#dusk)"/>
    <g fill="#fff" opacity=".8">${[40, 130, 260, 350, 470, 590].map((x, at) => `<circle cx="${x}" cy="${24 + ((at * 37) % 70)}" r="1.6"/>`).join('')}</g>
    <path d="M0 214L90 170L170 204L280 158L400 206L520 172L640 210V360H0Z" fill="#3a3558"/>
    <rect y="220" width="640" height="140" fill="url(#field)"/>
    <path d="M0 316H640V344H0Z" fill="#4b4a55"/><path d="M10 330H640" stroke="#c9c4a8" stroke-width="3" stroke-dasharray="34 26"/>
    <ellipse cx="150" cy="284" rx="150" ry="34" fill="url(#lamp)" opacity=".55"/>
    <g stroke="#1a1a24" stroke-width="7" fill="none"><path d="M150 290V112H186"/></g>
    <circle cx="190" cy="118" r="52" fill="url(#lamp)"/><circle cx="190" cy="118" r="8" fill="#fffbe8"/>
    <g stroke="#12141c" stroke-width="10"><path d="M226 300V200M420 300V200"/></g>
    <g stroke="#12141c" stroke-width="4" fill="none"><path d="M230 224H416M230 282H416M230 282L416 224"/>
      ${Array.from({ length: 11 }, (_, at) => `<path d="M${244 + at * 16} 212V290"/>`).join('')}</g>
    <g transform="translate(${carX} 296)"><ellipse cx="-36" cy="22" rx="70" ry="12" fill="url(#lamp)"/>
      <path d="M0 24V8Q2 0 20-2L34-18H78L94-2Q112 0 112 10V24Z" fill="#8fa3c4"/><path d="M40-14H56V-2H30ZM60-14H75L84-2H60Z" fill="#20263c"/>
      <circle cx="24" cy="25" r="10" fill="#0e0f16"/><circle cx="88" cy="25" r="10" fill="#0e0f16"/><circle cx="3" cy="9" r="5" fill="#fff6c8"/></g>`
}

function cloud(x: number, y: number, size: number): string {
  return `<g fill="#fff" opacity=".85" transform="translate(${x} ${y}) scale(${size})"><ellipse rx="46" ry="14"/>
    <ellipse cx="-14" cy="-10" rx="22" ry="16"/><ellipse cx="14" cy="-14" rx="24" ry="19"/></g>`
}

function fence(from: number, to: number): string {
  const posts = Array.from({ length: Math.floor((to - from) / 28) + 1 }, (_, at) => `M${from + at * 28} 252v-42`)
  return `<path d="M${from - 6} 222H${to}M${from - 6} 240H${to}${posts.join('')}"/>`
}

function hen(x: number, y: number, step: number): string {
  return `<g transform="translate(${x} ${y})"><ellipse cx="2" cy="27" rx="28" ry="5" fill="#000" opacity=".18"/>
    <path d="M-3 14L${-4 + 5 * step} 27M6 14L${7 - 5 * step} 27" stroke="#e3a23c" stroke-width="3"/>
    <path d="M-30-14Q-14-4 4-8Q12-10 14-24Q26-28 26-12Q26 16 2 17Q-24 16-30-14Z" fill="#fdfaf2"/>
    <path d="M-18 0Q-4 14 12 2Q-2 4-18 0Z" fill="#e0d6c2"/><path d="M14-24Q13-33 18-30Q19-36 23-30Q28-33 26-24Z" fill="#d8412f"/>
    <path d="M26-19L35-16L26-13Z" fill="#e3a23c"/><circle cx="21" cy="-19" r="1.8" fill="#222"/></g>`
}

/** What cameras write over their picture: their name, and for how long they have run. */
function caption(name: string, frame: number): string {
  const seconds = String(Math.floor(frame / 15) + 7).padStart(2, '0')
  const text = `font-family="DejaVu Sans Mono, monospace" font-size="19" fill="#fff"`
  return `<rect width="640" height="30" opacity=".42"/><circle cx="20" cy="15" r="6" fill="#ff4b3e"/>
    <text x="34" y="21" ${text}>${name.toUpperCase()}</text><text x="628" y="21" text-anchor="end" ${text}>00:${seconds}</text>`
}

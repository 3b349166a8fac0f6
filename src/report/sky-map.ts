// A small map of the sky that a store covers, as one SVG file: the whole sky in an equal-area projection, shaded by depth,
// with the plane of the Galaxy; and where little is covered, the largest part of it enlarged.
import { at, TEXT_STYLE } from './drawing.ts'
import { type Html, html } from './html.ts'
import { count } from './numbers.ts'
import { gridOf, outlines } from './sky-grid.ts'
import { type Field, INSET, inset, largestField } from './sky-inset.ts'
import { type SkyLayer, type SkyPart, skyLayers } from './sky-layers.ts'
import { galacticPlane, HAMMER, type Place } from './sky-projection.ts'
import { filling, MAP_STYLE, MOST_STEPS, patterns } from './sky-style.ts'

export interface SkyMapText {
  /** What the map is of, such as `gaia-dr2: 12 345 stars`; told to people who cannot see it, too. */
  title: string
}

const WIDTH = 800
const HALF = 360 // of the map's width; its height is half of that
const TOP = 44
const MIDDLE = { x: WIDTH / 2, y: TOP + HALF / 2 }
const OUTLINE = html`<ellipse cx="${MIDDLE.x}" cy="${MIDDLE.y}" rx="${HALF}" ry="${HALF / 2}"/>`
const LEGEND_TOP = TOP + HALF + 34
const LEGEND_LINE = 22
/** Below this share of the sky the largest field is enlarged. */
const SMALL_SHARE = 0.01
const SKY_DEG2 = 129600 / Math.PI

/** Squares of the grid, in units of the figure; coarser ones where the outlines would make the file too large. */
const SQUARES = [0.5, 1, 2, 4]
const MOST_BYTES = 120_000

/** The map as a file of its own. */
export function skyMap(parts: readonly SkyPart[], { title }: SkyMapText): string {
  const { steps, layers } = skyLayers(parts, MOST_STEPS)
  const areaDeg2 = layers.reduce((sum, layer) => sum + layer.areaDeg2, 0)
  const isSmall = areaDeg2 > 0 && areaDeg2 < SMALL_SHARE * SKY_DEG2
  const field = isSmall ? largestField(layers.map(({ moc }) => moc)) : undefined
  const shaded = shading(layers, steps)
  const legend = legendOf(layers, steps, areaDeg2)
  const height = LEGEND_TOP + Math.max(legend.height, field === undefined ? 0 : INSET.height) + 12
  const drawn = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${at(height)}" width="${WIDTH}" height="${at(height)}" role="img" aria-labelledby="sky-title sky-desc" ${{ markup: TEXT_STYLE }}>
<title id="sky-title">${title}</title>
<desc id="sky-desc">${described(layers, areaDeg2)}</desc>
<style>${{ markup: MAP_STYLE }}</style>
<defs>${patterns(steps, [1, INSET.square, shaded.square])}<clipPath id="sky">${OUTLINE}</clipPath></defs>
<rect class="page" width="100%" height="100%"/>
<text class="ink" x="20" y="24" font-size="15" font-weight="600">${title}</text>
<g class="sky">${OUTLINE}</g>
<g clip-path="url(#sky)">${shaded.svg}</g>
${graticule()}
${plane()}
<g class="edge">${OUTLINE}</g>
${labels()}
${field !== undefined && ring(field)}
${legend.svg}
${field !== undefined && inset(field, layers, steps, WIDTH - INSET.width - 20, LEGEND_TOP - 14)}
</svg>
`
  return drawn.markup
}

function described(layers: readonly SkyLayer[], areaDeg2: number): string {
  if (layers.length === 0) return 'Nothing is covered.'
  const words = layers.map(
    ({ label, estimated, areaDeg2: own }) => `${area(own)} with ${label}${estimated ? ' (estimated)' : ''}`,
  )
  return `A map of the whole sky, right ascension growing to the left. Covered: ${area(areaDeg2)}, ${share(areaDeg2)} of the sky: ${words.join('; ')}.`
}

function area(deg2: number): string {
  return `${deg2 < 100 ? Number(deg2.toPrecision(2)) : count(deg2)} deg²`
}

function share(deg2: number): string {
  const percent = (100 * deg2) / SKY_DEG2
  return `${percent > 99.99 ? 100 : Number(percent.toPrecision(2))} %`
}

/** The layers, and the size of the squares of which they are made. */
function shading(layers: readonly SkyLayer[], steps: number): { svg: Html; square: number } {
  for (const [n, square] of SQUARES.entries()) {
    const columns = (2 * HALF) / square
    const frame = { halfWidth: 2, halfHeight: 1, columns, rows: columns / 2 }
    const mocs = layers.map(({ moc }) => moc)
    const grid = gridOf(mocs, HAMMER, frame)
    const paths = layers.map((_, layer) => outlines(grid, layer))
    const bytes = paths.reduce((sum, path) => sum + path.length, 0)
    if (bytes > MOST_BYTES && n < SQUARES.length - 1) continue
    const place = `translate(${MIDDLE.x - HALF} ${MIDDLE.y - HALF / 2}) scale(${square})`
    const drawn = paths.map(
      (path, layer) => html`<path ${filling(layers[layer]!, steps, square)} d="${path}"/>`,
    )
    return { svg: html`<g transform="${place}">${drawn}</g>`, square }
  }
  throw new Error('no size of squares')
}

const onFigure = (place: Place): [number, number] => {
  const [x, y] = HAMMER.toPoint(place)!
  return [MIDDLE.x + (x * HALF) / 2, MIDDLE.y - (y * HALF) / 2]
}

/** A line through places; apart where it leaves the map at one edge and comes back at the other. */
function line(places: readonly Place[]): string {
  let before = Number.NaN
  return places
    .map((place) => {
      const [x, y] = onFigure(place)
      const isJoined = Math.abs(x - before) < HALF / 2
      before = x
      return `${isJoined ? 'L' : 'M'}${at(x)} ${at(y)}`
    })
    .join('')
}

const PARALLELS = [-60, -30, 0, 30, 60]
const steps = (from: number, to: number, step: number) =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, n) => from + n * step)

function graticule(): Html {
  const meridians = steps(30, 330, 30).map((ra) => line(steps(-90, 90, 6).map((dec): Place => [ra, dec])))
  const parallels = PARALLELS.map((dec) => line(steps(0, 360, 6).map((ra): Place => [ra, dec])))
  return html`<path class="grid" d="${[...meridians, ...parallels].join('')}"/>`
}

function plane(): Html {
  return html`<path class="plane" d="${line(galacticPlane())}"/>`
}

function labels(): Html {
  const hours = steps(2, 22, 2).map((hour) => {
    const [x, y] = onFigure([15 * hour, 0])
    return html`<text class="halo" x="${at(x)}" y="${at(y - 4)}" text-anchor="middle">${hour}h</text>`
  })
  const ends = [24, 0].map((hour) => {
    const [x, y] = onFigure([15 * hour, 0])
    const anchor = hour === 0 ? 'start' : 'end'
    return html`<text class="ink" x="${at(x + (hour === 0 ? 5 : -5))}" y="${at(y + 4)}" text-anchor="${anchor}">${hour}h</text>`
  })
  const degrees = PARALLELS.filter((dec) => dec !== 0).map((dec) => {
    const [x, y] = onFigure([360, dec])
    return html`<text class="ink" x="${at(x - 7)}" y="${at(y + (dec > 0 ? 0 : 9))}" text-anchor="end">${dec > 0 ? '+' : '−'}${Math.abs(dec)}°</text>`
  })
  const poles = [90, -90].map((dec) => {
    const [x, y] = onFigure([180, dec])
    return html`<text class="ink" x="${at(x)}" y="${at(y + (dec > 0 ? -5 : 14))}" text-anchor="middle">${dec > 0 ? '+' : '−'}90°</text>`
  })
  return html`<g font-size="11">${hours}${ends}${degrees}${poles}</g>`
}

/** A ring around the field that is enlarged. */
function ring({ centre, radiusDeg }: Field): Html {
  const [x, y] = onFigure(centre)
  const radius = Math.max(8, radiusDeg * (HALF / 127) + 5)
  return html`<circle class="ring" cx="${at(x)}" cy="${at(y)}" r="${at(radius)}"/>`
}

function legendOf(
  layers: readonly SkyLayer[],
  stepCount: number,
  areaDeg2: number,
): { svg: Html; height: number } {
  const entries = [...layers].reverse().map((layer, n) => {
    const y = LEGEND_TOP + n * LEGEND_LINE
    const text = `${layer.label}${layer.estimated ? ', estimated from the stars' : ''}: ${area(layer.areaDeg2)}`
    return html`<rect ${filling(layer, stepCount, 1)} x="40" y="${y - 11}" width="26" height="14"/><rect class="box" x="40" y="${y - 11}" width="26" height="14"/><text class="ink" x="74" y="${y}">${text}</text>`
  })
  const y = LEGEND_TOP + layers.length * LEGEND_LINE
  const total =
    layers.length === 0 ? 'Nothing is covered yet' : `In all ${area(areaDeg2)}, ${share(areaDeg2)} of the sky`
  const svg = html`${entries}<path class="plane" d="M40 ${y - 4}h26"/><text class="ink" x="74" y="${y}">Plane of the Galaxy</text>
<text class="ink" x="40" y="${y + LEGEND_LINE}">${total}</text>`
  return { svg, height: (layers.length + 1) * LEGEND_LINE + 6 }
}

// Colours of the map of the sky, on light pages and on dark ones: the deeper, the farther from the page's own colour.
import { type Html, html } from './html.ts'
import type { SkyLayer } from './sky-layers.ts'

/** More shades of one colour are not told apart. */
export const MOST_STEPS = 5

// ColorBrewer's Blues (Harrower & Brewer 2003, Cartographic Journal 40, 27), without its palest.
const LIGHT = ['#bdd7e7', '#85b6d9', '#4f94c8', '#2470b0', '#08468b']
const DARK = ['#24405f', '#2d5d8c', '#3d81bd', '#66a9e0', '#b3dcff']

const page = (
  colours: readonly string[],
  [paper, sky, ink, grid, plane, ring]: readonly [string, string, string, string, string, string],
) =>
  `.page{fill:${paper}}.sky{fill:${sky}}.ink{fill:${ink}}.halo{fill:${ink};stroke:${sky};stroke-width:2.5px;stroke-opacity:.75;paint-order:stroke}` +
  `.grid{stroke:${grid}}.edge{stroke:${ink}}.box{stroke:${grid}}.plane{stroke:${plane}}.ring{stroke:${ring}}.bar{stroke:${ink}}` +
  colours.map((colour, n) => `.d${n}{fill:${colour}}.s${n}{stroke:${colour}}`).join('')

export const MAP_STYLE =
  '.grid,.edge,.box,.plane,.ring,.bar{fill:none}.grid{stroke-width:.6;stroke-opacity:.7}.plane{stroke-width:1.6;stroke-dasharray:7 4}.ring,.bar{stroke-width:1.6}' +
  page(LIGHT, ['#ffffff', '#f3f4f6', '#222222', '#9aa0a6', '#d55e00', '#d55e00']) +
  `@media (prefers-color-scheme:dark){${page(DARK, ['#0d1117', '#1b212a', '#d7dde4', '#66707c', '#f0954a', '#f0954a'])}}`

/** The shade of a step: those that there are lie as far apart as they can, and only five need the palest. */
function shade(step: number, steps: number): number {
  if (steps === 1) return 3
  const palest = steps < MOST_STEPS ? 1 : 0
  return palest + Math.round((step * (MOST_STEPS - 1 - palest)) / (steps - 1))
}

/** Hatching for coverage that was only estimated: of each shade, and each scale at which something is drawn. */
export function patterns(steps: number, scales: readonly number[]): Html[] {
  return [...new Set(scales)].flatMap((scale) =>
    Array.from({ length: steps }, (_, step) => {
      const n = shade(step, steps)
      return html`<pattern id="${hatching(n, scale)}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="scale(${1 / scale}) rotate(45)"><rect class="d${n}" width="5" height="5" fill-opacity=".3"/><path class="s${n}" d="M0 2.5h5" stroke-width="2"/></pattern>`
    }),
  )
}

const hatching = (shadeNumber: number, scale: number): string => `hatch${shadeNumber}-${100 * scale}`

/** Class or filling of a layer that is drawn at a scale, which the hatching does not follow. */
export function filling({ step, estimated }: SkyLayer, steps: number, scale: number): Html {
  const n = shade(step, steps)
  return estimated ? html`fill="url(#${hatching(n, scale)})"` : html`class="d${n}"`
}

// What the page of the triage bench says about its own rules; the numbers are those that the bench uses.
import { FARTHEST_PX, NEAREST_FWHM } from './drawing.ts'
import { LEAST_SHOWN, LEAST_STARS } from './truth.ts'

export const RULES = [
  '- Truth is what the plate shows. An exposure, or the companions of a ghost, counts where at least ' +
    `${LEAST_SHOWN} of its images on the plate are brighter than the plate's limit (\`limit_mag\` of the recipe: a signal-to-noise ` +
    'ratio of 5); a plate of several exposures of which only one shows counts as single.',
  '- Companions of a wedge or a grating must also touch no other image (`blended` of the truth). Where fewer show, plain and ' +
    'flagged are both right and the plate is left out of the counts ("hardly shows").',
  `- With fewer than ${LEAST_STARS} images above the limit a plate counts as nearly empty, whatever its family. The magnitude of an image ` +
    'that is drawn out is lowered to that of the point with the same top.',
  `- Trails are ${NEAREST_FWHM} to 30 image widths long, spectra 4 to 40, discs out of focus 3 to 12 wide; at most a quarter of the plate is ` +
    'covered by those above the limit.',
  `- Exposures are apart by ${NEAREST_FWHM} image widths (of the light, before the emulsion) to ${FARTHEST_PX} px (5 mm), evenly over the logarithm: rows, with ` +
    'that from one to the next and the whole row within half a plate, or scattered, with that from the first. Steps: none, or up to 2 mag ' +
    'over all of them, or up to 2 mag from one to the next.',
  '- Stars: 20 to 20,000, evenly over the logarithm (with ghosts from 200); all exposures of a plate together have no more than 20,000 images above the limit.',
  '- Complex plates are recognised where the class is complex and one of the flags is the code of what they are; single plates where ' +
    'nothing is flagged. The number of exposures is right where the class is multi and as many are found as show.',
  '- Offsets: greatest distance of any exposure of a plate from its true offset, where as many are found as show, whatever the class. The truth may count from ' +
    'another exposure than the plate, which counts from the deepest it finds.',
].join('\n')

export const AUTO_RULES = [
  `- An exposure is there where at least ${LEAST_SHOWN} of its images are brighter than the limit.`,
  '- A solved exposure is right where at least 95 % of its matched rows lie within 0.6 image widths of the image of the star they name, in one and the same true ' +
    'exposure, and the median distance of their places on the sky from the truth is below 0.5 px.',
  '- The same recipe with one exposure gives the single plate. Positions are compared on the stars that both match, at least 2 mag above ' +
    'the limit, whose images touch no other on the single plate and have none nearer than 1.5 widths on the other: median distance from the truth in the first exposure over that on the single plate.',
].join('\n')

export const EDGES_RULES =
  'Of plates with round images, by how many detections there are that are no star: how many have an edge that is sharper than light can make it, which stars are taken ' +
  'for such, and how many stars are among those that the filter leaves and among the first of the list for the solver.'

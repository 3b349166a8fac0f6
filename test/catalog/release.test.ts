// The reference epoch and the release: stated, told, or guessed, and then said.
import { expect, test } from 'vitest'
import { findRelease, type ReleaseClues, releaseOf } from '../../src/catalog/release.ts'

const field = (name: string, text = '', epochYr?: number) => ({ name, unit: '', text, epochYr })

function find(clues: Partial<ReleaseClues>): [string, number, string] {
  const raField = clues.raField ?? field('ra')
  const release = findRelease({
    path: '/data/stars.csv',
    refEpochs: undefined,
    fields: [raField],
    remarks: [],
    ...clues,
    raField,
  })
  return [release.name, release.refEpochYr, release.assumption ?? '']
}

test.each<[string, Partial<ReleaseClues>, [string, number]]>([
  ['the column ref_epoch', { refEpochs: Float64Array.of(Number.NaN, 2016, 2016) }, ['gaia-dr3', 2016]],
  ['an epoch of no release', { refEpochs: Float64Array.of(1991.25) }, ['gaia', 1991.25]],
  ['the coordinate system', { raField: field('ra', '', 2015.5) }, ['gaia-dr2', 2015.5]],
  [
    "VizieR's description",
    { raField: field('RA_ICRS', 'Right ascension (ICRS) at Ep=2016.0') },
    ['gaia-dr3', 2016],
  ],
  ['a parameter', { remarks: ['', 'REF_EPOCH = 2015.5 [yr]'] }, ['gaia-dr2', 2015.5]],
])('%s states it: nothing is assumed', (_, clues, expected) => {
  expect(find(clues)).toEqual([...expected, ''])
})

test.each<[string, Partial<ReleaseClues>, [string, number], RegExp]>([
  [
    'columns',
    { fields: [field('ra'), field('nu_eff_used_in_astrometry')] },
    ['gaia-dr3', 2016],
    /its columns/,
  ],
  ["a name of VizieR's", { fields: [field('DR2Name')] }, ['gaia-dr2', 2015.5], /its columns/],
  [
    'a query',
    { remarks: ['query = SELECT * FROM gaiadr2.gaia_source'] },
    ['gaia-dr2', 2015.5],
    /its comments/,
  ],
  ['a catalogue number', { remarks: ['Name: I/355/gaiadr3'] }, ['gaia-dr3', 2016], /its comments/],
  ['early DR3', { remarks: ['TABLE gaiaedr3.gaia_source'] }, ['gaia-dr3', 2016], /its comments/],
  ['the name of the file', { path: '/dr2/m67-dr3.csv' }, ['gaia-dr3', 2016], /its file name/],
  [
    'two releases in comments',
    { remarks: ['Gaia DR2', 'Gaia DR3'] },
    ['gaia-dr2', 2015.5],
    /J2015\.5 was assumed/,
  ],
  ['nothing', { path: '/data/hydra4.csv' }, ['gaia-dr2', 2015.5], /J2015\.5 was assumed/],
])('%s leads to a release, with a sentence', (_, clues, expected, sentence) => {
  const [name, epoch, assumption] = find(clues)
  expect([name, epoch]).toEqual(expected)
  expect(assumption).toMatch(sentence)
})

test('what is stated outranks what can be guessed', () => {
  const clues = { refEpochs: Float64Array.of(2015.5), path: 'gaia-dr3.csv', remarks: ['Gaia DR3'] }
  expect(find(clues)).toEqual(['gaia-dr2', 2015.5, ''])
  expect(releaseOf(2017.5)).toBe('gaia-dr4')
})

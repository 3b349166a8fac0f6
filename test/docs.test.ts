// The pages say what the source says: generated parts are fresh, every option that is mentioned exists, every
// dependency has its half page, every link leads somewhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fillPage } from '../scripts/generated.ts'
import { PARAMETERS } from '../src/config.ts'
import { ISSUES } from '../src/issues.ts'
import { SIMULATE_PARAMETERS } from '../src/simulate/options.ts'

const ROOT = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

function longFlags(table: Record<string, { flag: string }>): string[] {
  return Object.values(table).map((parameter) => parameter.flag.replace(/^-\w, /, ''))
}

describe('the generated parts of the pages', () => {
  it.each(pages.filter((page) => read(page).includes('<!-- generated:')))(
    '%s is fresh; else: npm run docs',
    (page) => {
      expect(read(page)).toBe(fillPage(read(page)))
    },
  )

  it('stand on the pages that promise them', () => {
    for (const page of ['docs/parameters.md', 'docs/issues.md', 'docs/outputs.md']) {
      expect(read(page), page).toContain('<!-- generated:')
    }
  })

  it('would be noticed when stale or misnamed', () => {
    expect(fillPage('<!-- generated: issues -->\nold\n<!-- end -->\nkept')).toMatch(/\n\n<!-- end -->\nkept$/)
    expect(() => fillPage('<!-- generated: isues -->')).toThrow('no generated part is called isues')
  })
})

describe('options that are mentioned', () => {
  const ours = new Set([
    ...longFlags(PARAMETERS),
    ...longFlags(SIMULATE_PARAMETERS),
    ...['--help', '--version', '--recipe'],
  ])

  it('exist, in every next step of an issue', () => {
    const reductions = new Set([...longFlags(PARAMETERS), '--help'])
    const unknown = Object.entries(ISSUES).flatMap(([code, issue]) =>
      [...issue.nextStep.matchAll(/--[a-z][a-z-]*/g)]
        .filter(([flag]) => !reductions.has(flag))
        .map(([flag]) => `${code}: ${flag}`),
    )
    expect(unknown).toEqual([])
  })

  it('exist, in every command line of platepipe in the README', () => {
    const lines = read('README.md')
      .split('\n')
      .filter((line) => /\bplatepipe (reduce|simulate|inspect|doctor)/.test(line))
    expect(lines.length).toBeGreaterThan(1)
    const unknown = lines.flatMap((line) => [...line.matchAll(/--[a-z][a-z-]*/g)].map(([flag]) => flag))
    expect(unknown.filter((flag) => !ours.has(flag))).toEqual([])
  })
})

describe('the pages', () => {
  it.each(pages)('%s links only to what is there', (page) => {
    const targets = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1]!)
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([])
  })

  it('give every dependency its half page', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const named = [...Object.keys(dependencies), ...Object.keys(devDependencies)].filter(
      (name) => !name.startsWith('@types/'),
    )
    const pageOf = (name: string) => `docs/decisions/${name.replace(/^@biomejs\//, '')}.md`
    // One page may serve several packages that belong together; its title names them.
    const titles = readdirSync(join(ROOT, 'docs/decisions')).map(
      (name) => read(`docs/decisions/${name}`).split('\n')[0],
    )
    const lacking = named.filter(
      (name) => !existsSync(join(ROOT, pageOf(name))) && !titles.some((title) => title?.includes(name)),
    )
    expect(lacking).toEqual([])
  })

  it('name the version that package.json has', () => {
    const { version } = JSON.parse(read('package.json'))
    expect(read('CITATION.cff')).toContain(`version: ${version}\n`)
    expect(read('CHANGELOG.md')).toContain(`## ${version}`)
  })
})

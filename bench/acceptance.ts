// npm run bench -- acceptance [row…] [--platepipe PATH] [--seeds 1000,2000] [--only NAME] [--out DIR] [--shared DIR] [--result FILE]
// Runs the rows of the table in docs/accuracy.md, judged by independent programs; prints the figures, and with --result
// (or all rows and the repository's own command) writes them to bench/results/acceptance.md. Exits 1 on a miss.
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Figure } from './acceptance/bench.ts'
import { m67 } from './acceptance/m67.ts'
import { others, supercosmos } from './acceptance/others.ts'
import { sim } from './acceptance/sim.ts'
import { asMarkdown, asText, provenance } from './acceptance/table.ts'
import { m44, orion } from './acceptance/tycho.ts'
import { variants } from './acceptance/variants.ts'
import { wcs } from './acceptance/wcs.ts'

const ROWS: Record<string, (bench: Bench) => Promise<Figure[]>> = {
  m67,
  variants,
  orion,
  m44,
  others,
  supercosmos,
  sim,
  wcs,
}
const RESULT = 'bench/results/acceptance.md'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    platepipe: { type: 'string', default: 'bin/platepipe' },
    seeds: { type: 'string', default: '1000,2000' },
    only: { type: 'string', default: '' },
    out: { type: 'string', default: '.cache/acceptance' },
    shared: { type: 'string', default: '../shared' },
    result: { type: 'string' },
  },
})
const names = positionals.length === 0 ? Object.keys(ROWS) : positionals
const unknown = names.filter((name) => !(name in ROWS))
if (unknown.length > 0) {
  console.error(`there is no row ${unknown.join(', ')}; there are: ${Object.keys(ROWS).join(', ')}`)
  process.exit(2)
}
const bench: Bench = {
  platepipe: resolve(values.platepipe),
  shared: resolve(values.shared),
  out: resolve(values.out),
  seedBases: values.seeds.split(',').map(Number),
  only: values.only,
}
mkdirSync(bench.out, { recursive: true })

const commandLine = ['npm run bench -- acceptance', ...process.argv.slice(2)].join(' ')
const begun = provenance(commandLine) // before the rows: the tree may change while they run
const figures: Figure[] = []
for (const name of names) {
  const started = performance.now()
  console.error(`${name} …`)
  try {
    figures.push(...(await ROWS[name]!(bench)))
  } catch (error) {
    // One row that cannot be judged must not keep the others from the table.
    console.error(error)
    figures.push({
      row: name,
      figure: 'could be judged',
      required: 'yes',
      measured: String(error).split('\n')[0]!,
      pass: false,
    })
  }
  console.error(`${name} took ${((performance.now() - started) / 1000).toFixed(0)} s`)
}
console.log(asText(figures))

const result = values.result ?? (positionals.length === 0 ? RESULT : undefined)
if (result !== undefined) {
  const page = ['# The acceptance table, measured', begun, asMarkdown(figures)]
  writeFileSync(result, `${page.join('\n\n')}\n`)
}
process.exit(figures.some((figure) => figure.pass === false) ? 1 : 0)

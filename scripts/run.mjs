// Compiles the TypeScript outside src (bench/, scripts/, fixtures/) into .cache and runs one file of it:
//   npm run bench -- NAME …        bench/NAME.ts
//   npm run script -- PATH.ts …    any other, such as fixtures/make.ts
// Node 20 does not read TypeScript itself, hence this file is plain JavaScript.
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

process.chdir(new URL('..', import.meta.url).pathname)

const [kind, name = '', ...rest] = process.argv.slice(2)
const source = kind === 'bench' ? `bench/${name}.ts` : name
if (name === '' || !existsSync(source)) {
  const known = readdirSync(kind === 'bench' ? 'bench' : 'scripts').filter((file) => file.endsWith('.ts'))
  console.error(`there is no ${source || 'file to run'}; there are: ${known.join(', ')}`)
  process.exit(2)
}

const BUILD = '.cache/build'
mkdirSync(BUILD, { recursive: true })
const compiled = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.tools.json'], { encoding: 'utf8' })
if (compiled.status !== 0) {
  // The output is written all the same: a type error elsewhere need not keep this file from running.
  console.error(compiled.stdout.split('\n').slice(0, 10).join('\n'))
}
// What compiled files look for two folders above themselves.
copyFileSync('package.json', `${BUILD}/package.json`)
cpSync('catalogs', `${BUILD}/catalogs`, { recursive: true })

process.argv = [process.argv[0], resolve(source), ...rest]
await import(pathToFileURL(resolve(BUILD, source.replace(/\.ts$/, '.js'))).href)

// The invariants of docs/architecture.md, as far as a test can see them in the source.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PARAMETERS } from '../src/config.ts'

interface Source {
  /** Relative to the repository, with forward slashes. */
  path: string
  lines: string[]
  /** Without comments and without the contents of strings, so that prose cannot trip a rule. */
  code: string
  imports: string[]
}

const ROOT = resolve(import.meta.dirname, '..')

function withoutComments(text: string): string {
  const pattern = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g
  return text.replace(pattern, (match) => (match.startsWith('/') ? '' : "''"))
}

/** Modules that a text imports, `import()` included, `import type` left out: types vanish when it runs. */
function importsOf(text: string): string[] {
  const statement = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?['"]([^'"]+)['"]/gm
  const call = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
  return [...text.matchAll(statement), ...text.matchAll(call)].map((match) => match[1]!)
}

function read(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return { path, lines: text.trimEnd().split('\n'), code: withoutComments(text), imports: importsOf(text) }
}

function filesUnder(folder: string): Source[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => read(relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/')))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

const src = filesUnder('src')
const everything = [...src, ...['test', 'bench', 'scripts', 'fixtures'].flatMap(filesUnder)]
const under = (folder: string) => src.filter((file) => file.path.startsWith(folder))
const outside = (...folders: string[]) =>
  src.filter((file) => !folders.some((folder) => file.path.startsWith(folder)))

/** `file: what` for everything in the files that matches. */
function matches(files: readonly Source[], pattern: RegExp): string[] {
  return files.flatMap((file) => [...file.code.matchAll(pattern)].map((match) => `${file.path}: ${match[0]}`))
}

function importers(files: readonly Source[], wrong: (module: string, file: Source) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports.filter((module) => wrong(module, file)).map((module) => `${file.path} imports ${module}`),
  )
}

/** The file in the repository that a relative import names. */
function target(module: string, file: Source): string {
  return module.startsWith('.') ? join(dirname(file.path), module).replaceAll('\\', '/') : ''
}

describe('the check itself', () => {
  it('sees the imports of a text, and not those in its comments', () => {
    const text = `import a from 'a'\nimport {\n  b,\n} from './b.ts'\nimport type { C } from 'c'\n// import d from 'd'\nawait import('e')\nexport * from 'f'\nimport 'g'\n`
    expect(importsOf(text).sort()).toEqual(['./b.ts', 'a', 'e', 'f', 'g'])
    expect(withoutComments(`x('console.log') // Date\n/* Math.random */ y`)).toBe(`x('') \n y`)
  })

  it('reads the source', () => {
    expect(src.length).toBeGreaterThan(20)
  })
})

describe('the architecture', () => {
  it('keeps math and models pure: no modules of Node, no libraries but numerical ones, no clock, no chance', () => {
    const pure = [...under('src/math/'), ...under('src/models/')]
    const allowed = ['ml-matrix', 'kdbush', '@hscmap/healpix']
    const isPure = (module: string, file: Source) =>
      allowed.includes(module) || /^src\/(math|models)\//.test(target(module, file))
    expect(importers(pure, (module, file) => !isPure(module, file))).toEqual([])
    expect(matches(pure, /\b(Date|performance|process|console|fetch)\b|\bMath\.random\b/g)).toEqual([])
  })

  it('keeps chance out of every result: Math.random is used nowhere', () => {
    expect(matches(src, /\bMath\.random\b/g)).toEqual([])
  })

  it('lets no stage import another stage', () => {
    const stageOf = (path: string) => /^src\/stages\/([^/.]+)/.exec(path)?.[1]
    const wrong = importers(under('src/stages/'), (module, file) => {
      const stage = stageOf(target(module, file))
      return stage !== undefined && stage !== stageOf(file.path)
    })
    expect(wrong).toEqual([])
  })

  it('lets no layer below the stages import one: only the pipeline, its parts and the command line do', () => {
    const layers = ['math', 'models', 'fits', 'formats', 'tools', 'catalog', 'simulate'].map(
      (name) => `src/${name}/`,
    )
    const wrong = importers(layers.flatMap(under), (module, file) =>
      target(module, file).startsWith('src/stages/'),
    )
    expect(wrong).toEqual([])
  })

  it('starts programs only in src/tools', () => {
    const starters = /^(node:)?child_process$|^execa$|^cross-spawn$/
    expect(importers(outside('src/tools/'), (module) => starters.test(module))).toEqual([])
  })

  it('never hands a command line to a shell', () => {
    expect(matches(src, /\bshell\s*:\s*true\b|\bexecSync\b|\bexecaCommand\b/g)).toEqual([])
  })

  it('prints and sets the exit status only in src/cli', () => {
    const voice = /\bconsole\.\w+|\bprocess\.(stdout|stderr|exitCode|exit|abort)\b/g
    expect(matches(outside('src/cli/'), voice)).toEqual([])
  })

  it('lets nothing import src/cli', () => {
    const wrong = importers(outside('src/cli/'), (module, file) =>
      target(module, file).startsWith('src/cli/'),
    )
    expect(wrong).toEqual([])
  })

  it('reaches the network only in src/catalog', () => {
    const network = /^(node:)?(https?|http2|net|tls|dgram|dns)(\/.*)?$|^undici$/
    expect(importers(outside('src/catalog/'), (module) => network.test(module))).toEqual([])
    expect(matches(outside('src/catalog/'), /\b(fetch|WebSocket|XMLHttpRequest)\(/g)).toEqual([])
  })

  it('reads no file whole that may be a scan: readFileSync refuses 2 GiB', () => {
    const readers = under('src/fits/').concat(under('src/formats/').filter((f) => f.path.includes('scan')))
    expect(matches(readers, /\breadFileSync?\(/g)).toEqual([])
  })
})

describe('the style', () => {
  it('keeps every file below 300 lines', () => {
    const long = everything.filter((file) => file.lines.length > 300)
    expect(long.map((file) => `${file.path}: ${file.lines.length}`)).toEqual([])
  })

  it('opens every file with what it is for', () => {
    const silent = src.filter((file) => !/^(\/\/|\/\*)/.test(file.lines[0] ?? ''))
    expect(silent.map((file) => file.path)).toEqual([])
  })

  it('leaves no reminders in the code', () => {
    const reminder = /\b(TODO|FIXME|XXX|HACK)\b/
    const found = everything
      .filter((file) => !file.path.endsWith('architecture.test.ts'))
      .flatMap((file) =>
        file.lines.filter((line) => reminder.test(line)).map((line) => `${file.path}: ${line}`),
      )
    expect(found).toEqual([])
  })

  it('names no folder or file data, info, utils, helpers or manager', () => {
    const vague = /(^|[/-])(data|info|utils?|helpers?|managers?)(\.ts|\/)/
    expect(src.map((file) => file.path).filter((path) => vague.test(path))).toEqual([])
  })

  it('imports every file of the project by its name, with its ending', () => {
    const wrong = importers(
      src,
      (module, file) => module.startsWith('.') && !existsSync(join(ROOT, target(module, file))),
    )
    expect(wrong).toEqual([])
  })

  it('reads every parameter in the reduction itself: an option that does nothing is a lie', () => {
    const voices = ['out', 'quiet', 'verbose', 'json'] // these are the command line's own
    const readers = outside('src/config.ts', 'src/parameter.ts', 'src/cli/')
      .map((file) => file.code)
      .join('\n')
    const unread = Object.keys(PARAMETERS).filter(
      (name) => !new RegExp(`\\bconfig\\.${name}\\b`).test(readers),
    )
    expect(unread.filter((name) => !voices.includes(name))).toEqual([])
  })
})

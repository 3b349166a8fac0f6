// Compiles src once per test run, into a folder of its own, so that tests can start the command as a user does.
import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

const CACHE = '.cache'
const PREFIX = 'test-build-'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder with bin/platepipe, dist, catalogs and package.json, as npm would install it. */
    platepipeBuild: string
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Folders of test runs that were killed before they could clear up. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    if (name.startsWith(PREFIX) && !isAlive(Number(name.slice(PREFIX.length)))) {
      await rm(join(CACHE, name), { recursive: true, force: true })
    }
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = project.config.root
  process.chdir(root)
  await mkdir(CACHE, { recursive: true })
  await removeAbandoned()
  const folder = join(root, CACHE, `${PREFIX}${process.pid}`)
  await mkdir(join(folder, 'bin'), { recursive: true })
  const tsc = join(root, 'node_modules/.bin/tsc')
  // Type errors are the business of `npm run types`; the compiler writes its output all the same.
  const compile = promisify(execFile)(tsc, ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')])
  await compile.catch(() => {})
  await copyFile('package.json', join(folder, 'package.json'))
  await cp('catalogs', join(folder, 'catalogs'), { recursive: true })
  await copyFile('bin/platepipe', join(folder, 'bin/platepipe'))
  project.provide('platepipeBuild', folder)
  return () => rm(folder, { recursive: true, force: true })
}

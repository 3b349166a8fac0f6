// Folders that results and work files cannot go to, and names that plates cannot have.
import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { type Case, expectRefusal, fieldTrials, type Ground } from './trial.ts'

const { ground } = fieldTrials('folders')

/** The good plate, with further words. */
const good =
  (...words: string[]) =>
  ({ scan, stars }: Ground) => [scan, '--catalog', stars, ...words]

const mounted: string[] = []
afterAll(() => {
  for (const path of mounted) execFileSync('umount', ['-l', path])
})

const output: Case[] = [
  {
    name: 'is a file',
    args: async ({ out, scan }) => {
      await rm(out, { recursive: true })
      await writeFile(out, 'notes')
      return [scan]
    },
    found: /results cannot be written to the folder .*out: a file or a broken link has that name/,
    todo: /--out/,
  },
  {
    name: 'is a link to nothing',
    args: async ({ out, scan, folder }) => {
      await rm(out, { recursive: true })
      await symlink(join(folder, 'unmounted'), out)
      return [scan]
    },
    found: /results cannot be written to the folder .*out: a file or a broken link has that name/,
    todo: /--out/,
  },
  {
    name: 'is below a file',
    args: async ({ scan, write }) => [scan, '--out', join(await write('notes', 'x'), 'results')],
    found: /results cannot be written to the folder .*results: a part of its path is a file/,
    todo: /--out/,
  },
  {
    name: 'may not be written to',
    asNobody: true,
    args: async (at) => {
      await chown(at.work, 65534, 65534)
      await chmod(at.out, 0o555)
      return good()(at)
    },
    found: /results cannot be written to the folder .*out: you may not write there/,
    todo: /--out/,
  },
  {
    name: 'is mounted read-only',
    args: async (at) => {
      const path = join(at.folder, 'archive')
      await mkdir(path)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k', 'none', path])
      mounted.push(path)
      return good('--out', path)(at)
    },
    found: /archive: its file system is mounted read-only/,
    todo: /--out/,
  },
  {
    name: 'is in /proc',
    args: good('--out', '/proc/results'),
    found: /results cannot be written to the folder \/proc\/results/,
    todo: /--out/,
  },
  {
    name: 'holds a file of the name of the plate',
    earlier: [],
    args: async (at) => {
      await writeFile(join(at.out, 'plate'), 'my notes')
      return good()(at)
    },
    found: /out\/plate exists and is not an earlier result of platepipe/,
    todo: /--out, .*--id, .*--force/,
  },
  {
    name: 'holds a folder with other things under the name of the plate',
    earlier: [],
    args: async (at) => {
      await mkdir(join(at.out, 'plate/photographs'), { recursive: true })
      return good()(at)
    },
    found: /out\/plate exists and is not an earlier result of platepipe/,
    todo: /--out, .*--id, .*--force/,
  },
  {
    name: 'holds a link to nothing under the name of the plate',
    earlier: [],
    args: async (at) => {
      await symlink('/unmounted/plate', join(at.out, 'plate'))
      return good()(at)
    },
    found: /out\/plate exists and is not an earlier result of platepipe/,
    todo: /--force/,
  },
  {
    name: 'is given as nothing',
    args: good('--out', ''),
    found: /--out is ""/,
    todo: /./,
  },
]

const work: Case[] = [
  {
    name: 'is a file',
    args: async (at) => good('--tmp-dir', await at.write('notes', 'x'))(at),
    found: /work files cannot be written to the folder .*notes: a file or a broken link has that name/,
    todo: /--tmp-dir/,
  },
  {
    name: 'may not be written to',
    asNobody: true,
    args: async (at) => {
      await chown(at.out, 65534, 65534)
      await chmod(at.work, 0o555)
      return good()(at)
    },
    found: /work files cannot be written to the folder .*work: you may not write there/,
    todo: /--tmp-dir/,
  },
]

const names: Case[] = [
  { name: 'a slash', args: good('--id', 'a/b'), found: /--id is "a\/b"/, todo: /no slash/ },
  { name: 'a way up', args: good('--id', '..'), found: /--id is ".."/, todo: /a name that can be a folder/ },
  {
    name: 'more bytes than a folder may have',
    args: good('--id', 'é'.repeat(150)),
    found: /the name of the plate takes 300 bytes, and a folder's may take 255/,
    todo: /--id/,
  },
  {
    name: 'nothing but dots before its ending',
    args: async ({ folder, scan }) => {
      await symlink(scan, join(folder, '...fits'))
      return [join(folder, '...fits'), '--sextractor', '/bin/false']
    },
    found: /SExtractor failed/,
    todo: /./,
  },
]

describe('an output folder that', () => {
  it.each(output)('$name', async (bad) => expectRefusal(await ground(bad.earlier), bad))
})

describe('a work folder that', () => {
  it.each(work)('$name', async (bad) => expectRefusal(await ground(bad.earlier), bad))
})

describe('the name of a plate with', () => {
  it.each(names)('$name', async (bad) => expectRefusal(await ground(bad.earlier), bad))
})

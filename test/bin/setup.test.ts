// The set-up of bin/demo and bin/check on machines that are not this one: programs that stand in for Node, npm, apt-get,
// sudo and uname behave as on those machines.
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testFolder } from '../cli/scans.ts'

const TOOLS =
  'bash env basename dirname sed tail head wc cat mkdir grep sort xargs sha256sum find cut rm id uname touch tty'
const OUR_PROGRAMS = ['source-extractor', 'solve-field', 'funpack', 'fitsverify', 'scamp', 'SWarp', 'strace']

let folder: string

async function stub(name: string, script: string): Promise<void> {
  const path = join(folder, 'path', name)
  await rm(path, { force: true })
  await writeFile(path, `#!/bin/bash\n${script}\n`)
  await chmod(path, 0o755)
}

const remove = (name: string) => rm(join(folder, 'path', name), { force: true })

beforeEach(async () => {
  folder = await testFolder('setup')
  await mkdir(join(folder, 'path'))
  await mkdir(join(folder, 'bin'))
  await copyFile('bin/setup.sh', join(folder, 'bin/setup.sh'))
  const which = await execa('bash', ['-c', `for tool in ${TOOLS}; do command -v $tool; done`])
  for (const path of which.stdout.split('\n'))
    await symlink(path, join(folder, 'path', path.replace(/.*\//, '')))
  for (const name of OUR_PROGRAMS) await stub(name, 'exit 0')
  await stub('node', 'echo v20.20.0')
  await stub('npm', 'exit 0')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Sources setup.sh as bin/demo does, and runs some of its functions. */
async function setUp(commands: string): Promise<{ status: number | undefined; said: string }> {
  const script = join(folder, 'bin/demo')
  await writeFile(script, `source "$(dirname "\${BASH_SOURCE[0]}")/setup.sh"\n${commands}\n`)
  const run = await execa('bash', [script], {
    reject: false,
    stdin: 'ignore',
    all: true,
    extendEnv: false,
    env: { PATH: join(folder, 'path'), LC_ALL: 'C.UTF-8' },
  })
  return { status: run.exitCode, said: run.all }
}

describe('Node', () => {
  it.each(['v18.19.1', 'v20.19.9', 'v9.9.9'])(
    '%s is too old, and it is said which is needed',
    async (version) => {
      await stub('node', `echo ${version}`)
      const { status, said } = await setUp('check_node')
      expect(status).toBe(1)
      expect(said).toContain(`Node 20.20 or newer is needed, and this is Node ${version.slice(1)}`)
    },
  )

  it.each(['v20.20.0', 'v20.21.3', 'v22.0.0', 'v100.1.0'])('%s will do', async (version) => {
    await stub('node', `echo ${version}`)
    expect(await setUp('check_node')).toEqual({ status: 0, said: '' })
  })

  it('that is not there, or has no npm, is missed', async () => {
    await remove('npm')
    expect((await setUp('check_node')).said).toContain('npm was not found')
    await remove('node')
    expect((await setUp('check_node')).said).toContain('Node was not found')
  })
})

describe('programs', () => {
  it('that are all there need nothing, and nothing is said', async () => {
    expect(await setUp('install_programs test')).toEqual({ status: 0, said: '' })
  })

  it('on macOS are named with the commands that install them', async () => {
    await remove('solve-field')
    await stub('uname', 'echo Darwin')
    const { status, said } = await setUp('install_programs reduce')
    expect(status).toBe(1)
    expect(said).toContain('these are missing: astrometry.net')
    expect(said).toContain('brew install sextractor astrometry-net cfitsio')
    expect(said).toContain('data.astrometry.net/4100')
  })

  it('on another Linux are named with the ways to get them, and the tests with a container', async () => {
    await remove('source-extractor')
    await remove('fitsverify')
    const { status, said } = await setUp('install_programs test')
    expect(status).toBe(1)
    expect(said).toContain('conda install -c conda-forge')
    expect(said).toContain('docker run')
  })

  it('are fetched after the lists of packages, where these were never fetched', async () => {
    await remove('source-extractor')
    const program = join(folder, 'path/source-extractor')
    await stub(
      'apt-get',
      `echo "$*" >> "${folder}/calls"
       [ "$DEBIAN_FRONTEND" = noninteractive ] || exit 9
       case "$*" in
         *update*) touch "${folder}/lists" ;;
         *install*) [ -e "${folder}/lists" ] || { echo "E: Unable to locate package"; exit 100; }
                    printf '#!/bin/bash\\n' > "${program}"; chmod +x "${program}" ;;
       esac`,
    )
    await symlink('/bin/chmod', join(folder, 'path/chmod'))
    await stub('id', 'echo 0')
    expect(await setUp('install_programs reduce')).toEqual({ status: 0, said: '' })
    const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n')
    expect(calls).toHaveLength(3)
    expect(calls[2]).toMatch(/install --no-install-recommends source-extractor$/)
  })

  it('that cannot be fetched offline leave the name of the step, the end of its log, and what to do', async () => {
    await remove('solve-field')
    await stub('apt-get', 'echo "W: Temporary failure resolving deb.debian.org"; exit 100')
    await stub('id', 'echo 0')
    const { status, said } = await setUp('install_programs reduce')
    expect(status).toBe(1)
    expect(said).toContain('this step failed: install astrometry.net')
    expect(said).toContain('    W: Temporary failure resolving')
    expect(said).toContain('the machine seems to be offline')
  })

  it('without root and without sudo are left to a person, with the command to give', async () => {
    await remove('solve-field')
    await stub('apt-get', 'exit 0')
    await stub('id', 'echo 1000')
    const { status, said } = await setUp('install_programs reduce')
    expect(status).toBe(1)
    expect(said).toContain('neither root nor sudo is at hand: astrometry.net')
    expect(said).toContain('apt-get install astrometry.net')
  })

  it('are not waited for where sudo asks for a password and nobody is there to give it', async () => {
    await remove('solve-field')
    await stub('apt-get', 'exit 0')
    await stub('id', 'echo 1000')
    await stub('sudo', '[ "$1" = -n ] && exit 1; sleep 60')
    const { status, said } = await setUp('install_programs reduce')
    expect(status).toBe(1)
    expect(said).toContain('sudo asks for a password')
    expect(said).toContain('sudo apt-get update && sudo apt-get install astrometry.net')
  })
})

describe('a step', () => {
  const build = `once 'build' product "$(fingerprint source)" bash -c 'echo run >> runs; cp source product'`

  beforeEach(async () => {
    await symlink('/bin/cp', join(folder, 'path/cp'))
    await writeFile(join(folder, 'source'), 'one')
  })
  const runs = async () => (await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n').length

  it('that was done is not done again, until its source changes or its product is gone', async () => {
    for (let i = 0; i < 2; i++) expect(await setUp(build)).toEqual({ status: 0, said: '' })
    expect(await runs()).toBe(1)
    await writeFile(join(folder, 'source'), 'two')
    await setUp(build)
    expect(await runs()).toBe(2)
    await rm(join(folder, 'product'))
    await setUp(build)
    expect(await runs()).toBe(3)
  })

  it('that failed is tried again, and nothing after it is done', async () => {
    const failing = `once 'build' product "$(fingerprint source)" bash -c 'echo run >> runs; echo no such star; exit 3'\necho later`
    for (let i = 0; i < 2; i++) {
      const { status, said } = await setUp(failing)
      expect(status).toBe(1)
      expect(said).toContain('no such star')
      expect(said).not.toContain('later')
    }
    expect(await runs()).toBe(2)
    expect(existsSync(join(folder, 'product'))).toBe(false)
  })
})

// The table of the figures: on a terminal, and as Markdown for bench/results.
import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import type { Figure } from './bench.ts'

function verdict(figure: Figure): string {
  if (figure.pass === null) return ''
  return figure.pass ? 'pass' : 'MISS'
}

/** Aligned columns. */
export function asText(figures: readonly Figure[]): string {
  const rows = figures.map((f) => [f.row, f.figure, f.required, f.measured, verdict(f)])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => row.map((cell, k) => cell.padEnd(widths[k] ?? 0)).join('  ')).join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

export function asMarkdown(figures: readonly Figure[]): string {
  const lines = figures.map((f) => {
    const pass = verdict(f)
    const cells = [f.row, f.figure, f.required, f.measured, pass === 'MISS' ? '**MISS**' : pass]
    return `| ${cells.map(cell).join(' | ')} |`
  })
  return ['| row | figure | required | measured | |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')
}

/** Date, machine, versions and command: without them a figure cannot be had again. */
export function provenance(commandLine: string): string {
  const version = (program: string, ...args: string[]) => {
    try {
      return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    } catch {
      return 'unknown'
    }
  }
  const libraries =
    'import astropy, numpy; print(f"astropy {astropy.__version__}, numpy {numpy.__version__}")'
  const dirty = version('git', 'status', '--porcelain', '--', 'src', 'bench') === '' ? '' : ', with changes'
  return [
    `- date: ${new Date().toISOString().slice(0, 16)}Z`,
    `- command: \`${commandLine}\``,
    `- commit: ${version('git', 'rev-parse', '--short', 'HEAD')}${dirty}`,
    `- machine: ${cpus().length} cores ${cpus()[0]?.model.trim() ?? ''}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`,
    `- judges: ${version('/usr/bin/python3', '-c', libraries)}, SWarp, fitsverify`,
  ].join('\n')
}

// The parts of docs/ that are made from the source: each stands between two markers in a page that is otherwise written
// by hand. scripts/docs.ts writes them, test/docs.test.ts fails when they are stale.
import { CATALOGUE_COLUMNS, columnsAsMarkdown, DETECTION_COLUMNS } from '../src/columns.ts'
import { PARAMETERS } from '../src/config.ts'
import { ISSUES, type Severity } from '../src/issues.ts'
import type { Parameter } from '../src/parameter.ts'
import { SIMULATE_PARAMETERS } from '../src/simulate/options.ts'

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '&lt;')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row))].join('\n')
}

function parameterTables(parameters: Readonly<Record<string, Parameter<unknown>>>): string {
  const groups = [...new Set(Object.values(parameters).map((parameter) => parameter.group))]
  return groups
    .map((group) => {
      const rows = Object.values(parameters)
        .filter((parameter) => parameter.group === group)
        .map((parameter) => [
          `\`${parameter.flag}${parameter.placeholder === '' ? '' : ` ${parameter.placeholder}`}\``,
          cell(parameter.text),
          cell(parameter.unit),
          cell(parameter.range),
          cell(parameter.defaultText),
        ])
      return `### ${group}\n\n${table(['option', 'what it does', 'unit', 'accepted', 'default'], rows)}`
    })
    .join('\n\n')
}

const SEVERITIES: Record<Severity, string> = {
  fatal: 'Fatal: nothing can be reduced',
  flag: 'Flag: a person must look',
  warn: 'Warning: reduced with less trust',
  info: 'Info: noted',
}

function issueTables(): string {
  return (Object.keys(SEVERITIES) as Severity[])
    .map((severity) => {
      const rows = Object.entries(ISSUES)
        .filter(([, issue]) => issue.severity === severity)
        .map(([code, issue]) => [`\`${code}\``, cell(issue.sentence), cell(issue.nextStep)])
      return `### ${SEVERITIES[severity]}\n\n${table(['code', 'what it means', 'what to do'], rows)}`
    })
    .join('\n\n')
}

/** By the name in the markers. */
const PARTS: Record<string, () => string> = {
  parameters: () => parameterTables(PARAMETERS),
  'simulate-parameters': () => parameterTables(SIMULATE_PARAMETERS),
  issues: issueTables,
  'catalogue-columns': () => columnsAsMarkdown(CATALOGUE_COLUMNS),
  'detection-columns': () => columnsAsMarkdown(DETECTION_COLUMNS),
}

/** The page with every generated part made anew. @throws Error when a marker names no part or is not closed. */
export function fillPage(page: string): string {
  return page.replaceAll(/<!-- generated: ([\w-]+)[^>]*-->[\s\S]*?(?:<!-- end -->|$)/g, (_, name: string) => {
    const part = PARTS[name]
    if (!part)
      throw new Error(`no generated part is called ${name}; there are ${Object.keys(PARTS).join(', ')}`)
    return `<!-- generated: ${name}, by npm run docs -->\n\n${part()}\n\n<!-- end -->`
  })
}

// The parts of docs/ that are made from the source: each stands between two markers in a page that is otherwise written
// by hand. scripts/docs.ts writes them, test/docs.test.ts fails when they are stale.
import { CATALOG_COMMANDS, CATALOG_PARAMETERS } from '../src/catalog/parameters.ts'
import { STORED_COLUMNS } from '../src/catalog/store/star-table.ts'
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

function parameterRow({ flag, placeholder, text, unit, range, defaultText }: Parameter<unknown>): string[] {
  const shown = `\`${flag}${placeholder === '' ? '' : ` ${placeholder}`}\``
  return [shown, cell(text), cell(unit), cell(range), cell(defaultText)]
}

const PARAMETER_HEAD = ['option', 'what it does', 'unit', 'accepted', 'default']

function parameterTables(parameters: Readonly<Record<string, Parameter<unknown>>>): string {
  const groups = [...new Set(Object.values(parameters).map((parameter) => parameter.group))]
  return groups
    .map((group) => {
      const rows = Object.values(parameters)
        .filter((parameter) => parameter.group === group)
        .map(parameterRow)
      return `### ${group}\n\n${table(PARAMETER_HEAD, rows)}`
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

/** Every option of the catalogue's commands, and which command takes it. */
function catalogTable(): string {
  const commands = Object.entries(CATALOG_COMMANDS)
  const rows = Object.entries<Parameter<unknown>>(CATALOG_PARAMETERS).map(([name, parameter]) => {
    const takers = commands.filter(([, names]) => names.includes(name)).map(([command]) => command)
    return [...parameterRow(parameter), takers.length === commands.length ? 'all' : takers.join(', ')]
  })
  return table([...PARAMETER_HEAD, 'commands'], rows)
}

function storedColumns(): string {
  const rows = Object.entries(STORED_COLUMNS).map(([name, { type, unit, text }]) => [
    `\`${name}\``,
    type,
    unit,
    cell(text),
  ])
  return table(['column', 'type', 'unit', 'what it is'], rows)
}

/** By the name in the markers. */
const PARTS: Record<string, () => string> = {
  parameters: () => parameterTables(PARAMETERS),
  'simulate-parameters': () => parameterTables(SIMULATE_PARAMETERS),
  'catalog-parameters': catalogTable,
  'stored-columns': storedColumns,
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

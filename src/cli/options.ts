// Parameters as options of commander, in the groups in which --help lists them.
import { type Command, Option } from 'commander'
import type { Parameter } from '../parameter.ts'

/** A table of parameters by name, such as PARAMETERS of a reduction. */
export type ParameterTable = Readonly<Record<string, Parameter<unknown>>>

function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value]
}

/** The sentence, with the unit and the default where it leaves them open. */
function explained(parameter: Parameter<unknown>): string {
  const parts: string[] = []
  if (parameter.unit !== '') parts.push(parameter.unit)
  if (parameter.placeholder !== '') parts.push(`default: ${parameter.defaultText}`)
  return parts.length === 0 ? parameter.text : `${parameter.text} (${parts.join('; ')})`
}

function optionOf(parameter: Parameter<unknown>): Option {
  const flags = parameter.placeholder === '' ? parameter.flag : `${parameter.flag} <${parameter.placeholder}>`
  const option = new Option(flags, explained(parameter)).helpGroup(`${parameter.group}:`)
  if (parameter.repeatable) option.argParser(collect)
  return option
}

/** Some of the parameters of a table. */
export function pick(table: ParameterTable, names: readonly string[]): ParameterTable {
  return Object.fromEntries(names.map((name) => [name, table[name]!]))
}

/** Adds the options of a table to a command. */
export function addParameters(command: Command, table: ParameterTable): Command {
  for (const parameter of Object.values(table)) command.addOption(optionOf(parameter))
  return command
}

/** What was given on the command line, by the names of the table; still text, for the table's schemas to check. */
export function rawValues(table: ParameterTable, given: Record<string, unknown>): Record<string, unknown> {
  const raw: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(table)) {
    const value = given[optionOf(parameter).attributeName()]
    if (value !== undefined) raw[name] = value
  }
  return raw
}

// The options of `platepipe simulate` that are not the plate's: where it goes, and what is said.
import { PARAMETERS } from '../config.ts'
import { text } from '../parameter.ts'

const OUTPUT = 'Output'

export const SIMULATE_RUN_PARAMETERS = {
  out: text({
    flag: '-o, --out',
    placeholder: 'DIR',
    group: OUTPUT,
    default: '.',
    defaultText: 'the current folder',
    text: 'Folder that receives the files; made if it is not there.',
  }),
  recipe: text({
    flag: '--recipe',
    placeholder: 'FILE',
    group: OUTPUT,
    default: undefined,
    text: 'JSON file with options by name, as simulate writes it; options of the command line go before it.',
  }),
  indexDir: PARAMETERS.indexDir,
  quiet: PARAMETERS.quiet,
  verbose: PARAMETERS.verbose,
  json: PARAMETERS.json,
}

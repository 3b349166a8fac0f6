// npm run docs: brings the generated parts of the pages in docs/ up to date, and names the pages that changed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fillPage } from './generated.ts'

for (const name of readdirSync('docs').filter((file) => file.endsWith('.md'))) {
  const before = readFileSync(`docs/${name}`, 'utf8')
  const after = fillPage(before)
  if (after === before) continue
  writeFileSync(`docs/${name}`, after)
  console.log(`docs/${name}`)
}

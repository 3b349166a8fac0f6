// A part of the sky in the JSON of a manifest: as the text of a MOC.
import * as z from 'zod'
import { type Moc, mocText, parseMoc } from '../../math/moc.ts'

export const moc = z.codec(z.string(), z.custom<Moc>(Array.isArray), {
  decode: (text, context) => {
    const parsed = parseMoc(text)
    if (parsed !== undefined) return parsed
    context.issues.push({ code: 'custom', input: text, message: 'is no MOC' })
    return z.NEVER
  },
  encode: mocText,
})

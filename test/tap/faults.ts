// The faults that the proxy injects: of the network, of a busy server, of a server that sends something wrong.
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Fault } from './proxy.ts'

/** Never answers; the client must give up. */
export const hangs: Fault = async (response) => {
  await closed(response)
  return true
}

/** Half of the answer, then nothing. */
export const hangsInBody: Fault = async (response, upstream) => {
  const { body } = await upstream()
  response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Length': body.length })
  response.write(body.subarray(0, body.length / 2))
  await closed(response)
  return true
}

async function closed(response: Parameters<Fault>[0]): Promise<void> {
  while (!response.destroyed) await sleep(20)
}

export const breaksOff: Fault = async (response) => {
  response.destroy()
  return true
}

/** Half of the answer, then the end of the connection, although more was announced. */
export const cutShort: Fault = async (response, upstream) => {
  const { body } = await upstream()
  response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Length': body.length })
  response.write(body.subarray(0, body.length / 2), () => response.destroy())
  return true
}

/** Half of the answer, as though it were the whole: what a service leaves that dies while it writes. */
export const cutCleanly: Fault = async (response, upstream) => {
  const { body } = await upstream()
  return says(200, 'text/xml', body.subarray(0, body.length / 2))(response, upstream)
}

export const says =
  (status: number, type: string, body: string | Buffer, headers: Record<string, string> = {}): Fault =>
  async (response) => {
    response.writeHead(status, { 'Content-Type': type, ...headers })
    response.end(body)
    return true
  }

export const unavailable = (retryAfter?: string): Fault =>
  says(503, 'text/html', '<html><head><title>Down for maintenance</title></head></html>', {
    ...(retryAfter !== undefined && { 'Retry-After': retryAfter }),
  })

export const webPage = says(
  200,
  'text/html; charset=utf-8',
  '<!doctype html><html><head><title>Please log in</title></head><body><p>Hello<br></body></html>',
)

export const otherXml = says(200, 'text/xml', '<?xml version="1.0"?><hello><world/></hello>')

export const notFound = says(404, 'text/plain', 'no such job')

export const adqlError = (message: string): Fault =>
  says(
    400,
    'application/x-votable+xml',
    `<VOTABLE version="1.4"><RESOURCE type="results"><INFO name="QUERY_STATUS" value="ERROR">${message}</INFO></RESOURCE></VOTABLE>`,
  )

/** Changes the text of what the service says. */
export const changed =
  (change: (text: string) => string): Fault =>
  async (response, upstream) => {
    const { status, headers, body } = await upstream()
    const text = change(body.toString())
    return says(status, headers.get('content-type') ?? '', text)(response, upstream)
  }

export const overflow = changed((text) =>
  text.replace('</TABLE>', '</TABLE><INFO name="QUERY_STATUS" value="OVERFLOW"></INFO>'),
)

export const phase = (name: string, message = '', type = 'fatal'): Fault => {
  const summary = `<uws:errorSummary type="${type}" hasDetail="false"><uws:message>${message}</uws:message></uws:errorSummary>`
  return changed((text) =>
    text
      .replace(/<uws:phase>\w+</, `<uws:phase>${name}<`)
      .replace('</uws:job>', `${message && summary}</uws:job>`),
  )
}

const ROW = /<TR>.*?<\/TR>/s

/** Packed with gzip, and no header says so. */
export const packed: Fault = async (response, upstream) => {
  const { headers, body } = await upstream()
  return says(200, headers.get('content-type') ?? '', gzipSync(body))(response, upstream)
}

/** Packed, but cut: what is left unpacks to half of a table. */
export const packedAndCut: Fault = async (response, upstream) => {
  const { headers, body } = await upstream()
  const packed = gzipSync(body)
  return says(
    200,
    headers.get('content-type') ?? '',
    packed.subarray(0, packed.length / 2),
  )(response, upstream)
}

export const leadsTo = (path: string, status = 303): Fault =>
  says(status, 'text/plain', '', { Location: path })

export const rowLost = changed((text) => text.replace(ROW, ''))

/** The number of rows is right, but one star is there twice and another is not. */
export const rowTwice = changed((text) => {
  const first = ROW.exec(text)![0]
  return text.replace(first, '').replace(ROW, (second) => second + second)
})

export const count = (text: string): Fault =>
  changed((whole) =>
    whole.replace(
      /<BINARY>.*<\/BINARY>|<BINARY2>.*<\/BINARY2>|<TABLEDATA>.*<\/TABLEDATA>/s,
      `<TABLEDATA><TR><TD>${text}</TD></TR></TABLEDATA>`,
    ),
  )

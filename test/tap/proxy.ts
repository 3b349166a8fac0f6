// Stands between the client and a real service on loopback, passes everything on, and injects the faults that a test asks
// for. It also keeps what was asked, so that a test sees what the client did.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Which request of TAP it is. */
export type Step = 'sync' | 'make' | 'run' | 'look' | 'result' | 'error' | 'delete'

export interface Seen {
  step: Step
  path: string
  /** Of the form, where one was sent. */
  form: URLSearchParams
  agent: string
  /** ms of performance.now() */
  at: number
}

interface Upstream {
  status: number
  headers: Headers
  body: Buffer
}

/** Answers in place of the service, or changes what it said. Returns true where it has answered. */
export type Fault = (response: ServerResponse, upstream: () => Promise<Upstream>) => Promise<boolean>

export interface Rule {
  on: Step
  fault: Fault
  /** How often; for ever by default. */
  times?: number
}

export interface Proxy {
  url: string
  seen: Seen[]
  steps(): Step[]
  /** Faults from now on; the first rule for a request that is not used up counts. */
  arrange(...rules: Rule[]): void
  /** Refuses connections from now on. */
  shut(): Promise<void>
  /** Takes connections again, at the same address. */
  open(): Promise<void>
}

export async function startProxy(target: string): Promise<Proxy> {
  const seen: Seen[] = []
  const left = new Map<Rule, number>()
  let port = 0
  let server: Server | undefined
  const own = () => `http://127.0.0.1:${port}`

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const step = stepOf(request.method!, request.url!, body.toString())
    const form = new URLSearchParams(body.toString())
    seen.push({
      step,
      path: request.url!,
      form,
      agent: request.headers['user-agent'] ?? '',
      at: performance.now(),
    })
    const upstream = async (): Promise<Upstream> => {
      const type = request.headers['content-type']
      const answer = await fetch(new URL(request.url!, target), {
        method: request.method!,
        redirect: 'manual',
        ...(body.length > 0 && { body, headers: { 'Content-Type': type! } }),
      })
      return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) }
    }
    const rule = [...left.keys()].find((each) => each.on === step && left.get(each)! > 0)
    if (rule) {
      left.set(rule, left.get(rule)! - 1)
      if (await rule.fault(response, upstream)) return
    }
    pass(response, await upstream(), own(), new URL(target).origin)
  }

  const proxy: Proxy = {
    url: '',
    seen,
    steps: () => seen.map(({ step }) => step),
    arrange(...rules) {
      for (const rule of rules) left.set(rule, rule.times ?? Number.POSITIVE_INFINITY)
    },
    async shut() {
      const closing = server
      server = undefined
      closing?.closeAllConnections()
      await new Promise((resolve) => (closing ? closing.close(resolve) : resolve(undefined)))
    },
    async open() {
      server = createServer((request, response) => {
        handle(request, response).catch((error) => response.destroy(error))
      })
      await new Promise<void>((resolve) => server!.listen(port, '127.0.0.1', resolve))
      port = (server.address() as AddressInfo).port
    },
  }
  await proxy.open()
  proxy.url = `${own()}${new URL(target).pathname}`
  return proxy
}

function stepOf(method: string, url: string, body: string): Step {
  if (method === 'DELETE' || body.includes('ACTION=DELETE')) return 'delete'
  if (/\/sync(\?|$)/.test(url)) return 'sync'
  if (/\/async(\?|$)/.test(url)) return 'make'
  if (/\/phase(\?|$)/.test(url)) return 'run'
  if (/\/results\/result(\?|$)/.test(url)) return 'result'
  if (/\/error(\?|$)/.test(url)) return 'error'
  return 'look'
}

function pass(
  response: ServerResponse,
  { status, headers, body }: Upstream,
  own: string,
  target: string,
): void {
  const location = headers.get('location')?.replace(target, own)
  response.writeHead(status, {
    'Content-Type': headers.get('content-type') ?? 'text/plain',
    ...(location !== undefined && { Location: location }),
  })
  response.end(body)
}

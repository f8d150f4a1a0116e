import type { Finding } from './types'

/** An answer that is not success, as application/problem+json says it; status 0 is a server that cannot be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly findings: Finding[] = [],
  ) {
    super(`${status} ${code}: ${title} ${detail}`)
  }
}

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown // JSON, or an ArrayBuffer as it is
  headers?: Record<string, string> // besides
  version?: number // sent as If-Match
  key?: string // sent as Idempotency-Key
  signal?: AbortSignal
}

/** How the client speaks: set once by the texts, so that problems come in the language of the page. */
export const speaks = { language: 'zh-CN' }

/** Called with every 401, so that a session that ended is noticed wherever it is. */
export const watches: { signedOut: () => void } = { signedOut: () => {} }

/** Sends a request to our own server and returns the JSON answered, undefined for 204. Throws Problem. */
export async function call<T>(path: string, request: Request = {}): Promise<T> {
  const answer = await answered(path, request)
  if (answer.status === 204) return undefined as T
  return (await answer.json()) as T
}

/** As call, for what is made once: made is false for what was there already (200, not 201). */
export async function make<T>(path: string, request: Request): Promise<{ made: boolean; it: T }> {
  const answer = await answered(path, { method: 'POST', ...request })
  return { made: answer.status === 201, it: (await answer.json()) as T }
}

/** A file that the server sent, whole. */
export interface Sent {
  name: string // as the server calls it
  content: Blob
}

/** Fetches a file from our own server. Throws Problem, with the code broken-off when it did not come to its end. */
export async function fetchFile(path: string, request: Request = {}): Promise<Sent> {
  const answer = await answered(path, request)
  const name = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? 'file'
  try {
    return { name, content: await answer.blob() }
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Problem(0, 'broken-off', '', '')
  }
}

async function answered(path: string, request: Request): Promise<Response> {
  const answer = await send(path, request)
  if (answer.ok) return answer
  const problem = await problemOf(answer)
  if (problem.status === 401) watches.signedOut()
  throw problem
}

async function send(path: string, { method = 'GET', query = {}, body, headers: besides, version, key, signal }: Request): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json, application/geo+json, application/problem+json', 'Accept-Language': speaks.language, ...besides }
  if (version !== undefined) headers['If-Match'] = `"${version}"`
  if (key !== undefined) headers['Idempotency-Key'] = key
  const bytes = body instanceof ArrayBuffer
  if (body !== undefined && !bytes) headers['Content-Type'] = 'application/json'
  try {
    return await fetch(withQuery(path, query), {
      method,
      headers,
      body: bytes ? body : body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal,
    })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Problem(0, 'unreachable', '', '')
  }
}

function withQuery(path: string, query: NonNullable<Request['query']>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') params.set(name, String(value))
  }
  const text = params.toString()
  return text === '' ? path : `${path}?${text}`
}

async function problemOf(answer: Response): Promise<Problem> {
  const said = (await answer.json().catch(() => ({}))) as Partial<Problem>
  return new Problem(answer.status, said.code ?? `status-${answer.status}`, said.title ?? '', said.detail ?? '', said.findings ?? [])
}

/** A key that makes a submission happen once, however often it is sent. */
export function onceKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

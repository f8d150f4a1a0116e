import { onScopeDispose, reactive } from 'vue'
import { call, Problem } from './client'
import { asProblem } from './load'
import { sendFile, sha256, tus } from './tus'
import type { Receiver, Submission } from './types'
import { forget, remember, type Unfinished } from './unfinished'

/** The receivers and their usual σ in metres, as boundary/tolerance.go has them. */
export const receivers: Record<Receiver, number> = { phone: 8, handheld: 4, 'gnss-single': 3, 'gnss-float': 0.5, 'gnss-fixed': 0.05 }

/** A file of a submission. `file` is absent until it is picked again, after the page was loaded anew. */
export interface Item {
  name: string
  size: number // bytes
  sha256?: string
  file?: File
  sent: number // bytes on the server's disk
  whole: boolean // all of them are, and checked
}

/** choosing → checking → sending ⇄ waiting for the network, paused or stopped by a problem → received. */
export type Phase = 'choosing' | 'checking' | 'sending' | 'waiting' | 'paused' | 'stopped' | 'received'

/** What a pick of files came to that the reader should know. */
export type Remark = { code: 'same' | 'empty' | 'too-large' | 'not-of-it' | 'changed'; name: string; other?: string }

const maxFiles = 200 // boundary.MaxFiles
const maxBytes = 256 << 20 // boundsql.MaxTrackBytes
const waits = [1, 2, 4, 8, 15, 30] // seconds before the next try

/**
 * Sends files in one submission (报送), piece by piece, until the receipt is there. A lost connection is waited for; what
 * is unfinished is remembered under the account, and goes on from where it was once the same files are picked again.
 */
export function useSubmission(account: string) {
  const s = reactive({
    phase: 'choosing' as Phase,
    items: [] as Item[],
    remarks: [] as Remark[],
    waitS: 0, // until the next try
    tries: 0, // that failed one after the other
    startedAgain: false, // the server had given up what was sent
    problem: undefined as Problem | undefined,
    found: undefined as Submission | undefined, // as the server knows it
    kept: undefined as Unfinished | undefined, // what is sent, once it is
  })
  let running = new AbortController()
  let wake: () => void = () => {}

  /** Takes files into the submission, or recognizes those of an unfinished one. */
  async function pick(files: File[]): Promise<void> {
    const before = s.phase
    s.phase = 'checking'
    s.remarks = []
    for (const file of files) await (s.kept ? recognize(file) : add(file)).catch((cause) => (s.problem = asProblem(cause)))
    s.phase = before
    if (s.kept && lacking().length === 0) void run()
  }

  async function add(file: File): Promise<void> {
    if (file.size === 0) return void s.remarks.push({ code: 'empty', name: file.name })
    if (file.size > maxBytes) return void s.remarks.push({ code: 'too-large', name: file.name })
    const sum = await sha256(file)
    const other = s.items.find((i) => (sum && i.sha256 ? i.sha256 === sum : i.name === file.name && i.size === file.size))
    if (other) return void s.remarks.push({ code: 'same', name: file.name, other: other.name })
    if (s.items.length < maxFiles) s.items.push({ name: file.name, size: file.size, sha256: sum, file, sent: 0, whole: false })
  }

  async function recognize(file: File): Promise<void> {
    const open = s.items.filter((i) => !i.whole)
    const sum = open.some((i) => i.size === file.size && i.sha256) ? await sha256(file) : undefined
    const same = open.find((i) => i.size === file.size && (i.sha256 && sum ? i.sha256 === sum : i.name === file.name))
    if (same) same.file = file
    else s.remarks.push({ code: open.some((i) => i.name === file.name) ? 'changed' : 'not-of-it', name: file.name })
  }

  /** The files that must be picked again. */
  const lacking = () => s.items.filter((i) => !i.file && !i.whole)

  function drop(item: Item): void {
    s.items = s.items.filter((i) => i !== item)
  }

  /** Begins to send what was picked. */
  function start(to: Omit<Unfinished, 'id' | 'at' | 'files'>): void {
    const files = s.items.map(({ name, size, sha256: sum }) => ({ name, size, sha256: sum }))
    s.remarks = []
    s.kept = { ...to, id: uuid7(), at: new Date().toISOString(), files }
    remember(account, s.kept)
    void run()
  }

  /** Takes up an unfinished one, as far as it came; its files are to be picked again. */
  async function takeUp(unfinished: Unfinished): Promise<void> {
    s.kept = unfinished
    s.items = unfinished.files.map((f) => ({ ...f, sent: 0, whole: false }))
    s.phase = 'paused'
    try {
      hear(await call<Submission>(`/api/submissions/${unfinished.id}`))
      if (s.found?.state === 'received') await run()
    } catch (cause) {
      const problem = asProblem(cause)
      if (problem.status === 404) s.startedAgain = true
      else s.problem = problem
    }
  }

  function hear(found: Submission): void {
    s.found = found
    found.files.forEach((f, i) => Object.assign(s.items[i] ?? {}, { sent: f.offset, whole: f.state !== 'open' }))
  }

  async function run(): Promise<void> {
    running.abort()
    const { signal } = (running = new AbortController())
    Object.assign(s, { phase: 'sending', problem: undefined, tries: 0 })
    while (s.phase !== 'received') {
      try {
        await deliver(signal)
        s.phase = 'received'
        forget(account, s.kept!.id)
      } catch (cause) {
        if (signal.aborted) return
        s.problem = asProblem(cause)
        if (!passes(s.problem, s.tries)) return stop(s.problem)
        await rest(signal)
        if (signal.aborted) return
        Object.assign(s, { phase: 'sending', problem: undefined })
      }
    }
  }

  function stop({ code, title }: Problem): void {
    s.phase = 'stopped'
    if (code === 'file-unreadable') s.items.forEach((i) => i.name === title && (i.file = undefined)) // to be picked again
  }

  /** One try: the manifest again, which tells how far the files are, and what is missing of each. */
  async function deliver(signal: AbortSignal): Promise<void> {
    const { id, lineId, inspectionId, receiver, sigmaM, files } = s.kept!
    const before = s.items.reduce((sum, i) => sum + i.sent, 0)
    hear(await call<Submission>(`/api/submissions/${id}`, { method: 'PUT', body: { lineId, inspectionId, receiver, sigmaM, files }, signal }))
    if (before > 0 && s.items.every((i) => i.sent === 0)) s.startedAgain = true
    for (const [i, upload] of s.found!.files.entries()) {
      const item = s.items[i]!
      if (item.whole) continue
      if (!item.file) throw new Problem(-1, 'file-unreadable', item.name, '')
      const kept = (offset: number) => {
        Object.assign(item, { sent: offset, whole: offset === item.size })
        s.tries = 0
      }
      await sendFile(item.file, upload, kept, signal)
    }
    if (s.found!.state !== 'received') await call(`/api/uploads/${s.found!.files[0]!.id}`, { signal }) // finishes what a stopped server left
    hear(await call<Submission>(`/api/submissions/${id}`, { signal }))
  }

  /** Waits before the next try, shorter when the network comes back or the reader asks for it. */
  async function rest(signal: AbortSignal): Promise<void> {
    s.phase = 'waiting'
    s.waitS = waits[Math.min(s.tries++, waits.length - 1)]!
    const now = () => (s.waitS = 0)
    addEventListener('online', now)
    while (s.waitS > 0 && !signal.aborted) {
      await new Promise<void>((done) => {
        wake = done
        setTimeout(done, 1000)
      })
      s.waitS = Math.max(s.waitS - 1, 0)
    }
    removeEventListener('online', now)
  }

  function pause(): void {
    running.abort()
    s.phase = 'paused'
    wake()
  }

  /** Tries again at once. */
  function resume(): void {
    if (s.phase === 'waiting') {
      s.waitS = 0
      wake()
    } else void run()
  }

  /** Gives the submission up, here and on the server. */
  async function cancel(): Promise<void> {
    pause()
    try {
      const upload = s.found?.files[0]
      if (upload) await call<void>(`/api/uploads/${upload.id}`, { method: 'DELETE', headers: tus })
    } catch (cause) {
      const problem = asProblem(cause)
      if (problem.code === 'received-stays') return run()
      if (problem.status !== 404) return void (s.problem = problem)
    }
    if (s.kept) forget(account, s.kept.id)
    Object.assign(s, { phase: 'choosing', items: [], remarks: [], problem: undefined, found: undefined, kept: undefined, startedAgain: false })
  }

  onScopeDispose(() => running.abort())
  return { s, pick, drop, start, takeUp, lacking, pause, resume, cancel }
}

export type Sending = ReturnType<typeof useSubmission>

/** Whether a failure passes by itself: no network, a busy or restarting server, bytes that went wrong on the way. */
function passes({ status, code }: Problem, tries: number): boolean {
  if (status === 0) return true
  if (tries >= 8) return false
  return [408, 425, 429, 460, 500, 502, 503, 504].includes(status) || ['offset_mismatch', 'part-lost'].includes(code)
}

/** A UUIDv7: the device makes the id of what it submits, so that sending it twice submits it once. */
function uuid7(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(Date.now()) << 16n) | 0x7000n | BigInt(((bytes[6]! & 0x0f) << 8) | bytes[7]!))
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

import { call, Problem } from './client'
import type { Upload } from './types'

// One file on its way to the server, as tus 1.0 has it (https://tus.io/protocols/resumable-upload).

const smallest = 256 << 10 // bytes of the first piece, and of one after a failure
const largest = 8 << 20
const aimS = 2 // seconds a piece shall take, so that the bar moves and a broken one costs little
const silenceMs = 60_000 // after which a piece counts as lost

export const tus = { 'Tus-Resumable': '1.0.0' }

/** Sends what the server lacks of the file, and tells after each piece how many bytes lie on its disk. Throws Problem. */
export async function sendFile(file: File, upload: Upload, kept: (offset: number) => void, signal: AbortSignal): Promise<void> {
  let size = smallest
  for (let offset = upload.offset; offset < upload.size; kept(offset)) {
    const piece = await bytesOf(file.slice(offset, offset + size), file.name)
    const began = performance.now()
    await sendPiece(`/api/uploads/${upload.id}`, offset, piece, signal)
    offset += piece.byteLength
    const tookS = (performance.now() - began) / 1000
    if (tookS < aimS / 2) size = Math.min(size * 2, largest)
    else if (tookS > aimS * 2) size = Math.max(size / 2, smallest)
  }
}

async function sendPiece(path: string, offset: number, piece: ArrayBuffer, signal: AbortSignal): Promise<void> {
  const sum = await digest(piece)
  const stop = new AbortController()
  const stopNow = () => stop.abort()
  const timer = setTimeout(() => stop.abort(new DOMException('', 'TimeoutError')), silenceMs)
  signal.addEventListener('abort', stopNow)
  try {
    signal.throwIfAborted()
    const checksum = sum && { 'Upload-Checksum': `sha256 ${btoa(String.fromCharCode(...sum))}` }
    const headers = { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset), ...checksum }
    await call<void>(path, { method: 'PATCH', body: piece, headers, signal: stop.signal })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stopNow)
  }
}

/** The SHA-256 of a file in lower-case hexadecimal; undefined where the browser cannot tell: outside of a secure context, or of a file too large to hold. */
export async function sha256(file: File): Promise<string | undefined> {
  if (file.size > 64 << 20) return undefined
  const sum = await digest(await bytesOf(file, file.name))
  return sum && Array.from(sum, (b) => b.toString(16).padStart(2, '0')).join('')
}

async function digest(bytes: ArrayBuffer): Promise<Uint8Array | undefined> {
  const subtle = crypto.subtle as SubtleCrypto | undefined // absent outside of a secure context
  return subtle && new Uint8Array(await subtle.digest('SHA-256', bytes))
}

/** Reads from the disk; a file that was moved, changed or unplugged meanwhile is a Problem "file-unreadable" with its name. */
async function bytesOf(blob: Blob, name: string): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer()
  } catch {
    throw new Problem(-1, 'file-unreadable', name, '')
  }
}

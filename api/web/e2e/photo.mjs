// A photo as a phone takes one: a picture of the browser's own with place, time and direction as EXIF.

const ascii = (text) => [...new TextEncoder().encode(text), 0]
const u16 = (n) => [n >> 8, n & 255]
const u32 = (n) => [...u16(n >>> 16), ...u16(n & 65535)]
const text = (tag, s) => ({ tag, kind: 2, count: s.length + 1, bytes: ascii(s) })
const fractions = (tag, ...numbers) => ({ tag, kind: 5, count: numbers.length, bytes: numbers.flatMap((n) => [...u32(Math.round(n * 1e6)), ...u32(1e6)]) })
const pointer = (tag, at) => ({ tag, kind: 4, count: 1, bytes: u32(at) })

/** A directory of EXIF at a place of the block, the values behind it. */
function directory(at, entries) {
  let behind = at + 2 + 12 * entries.length + 4
  const values = []
  const list = entries.flatMap(({ tag, kind, count, bytes }) => {
    const head = [...u16(tag), ...u16(kind), ...u32(count)]
    if (bytes.length <= 4) return [...head, ...bytes, 0, 0, 0, 0].slice(0, 12)
    values.push(...bytes)
    behind += bytes.length
    return [...head, ...u32(behind - bytes.length)]
  })
  return [...u16(entries.length), ...list, 0, 0, 0, 0, ...values]
}

const sexagesimal = (v) => [Math.floor(v), Math.floor((v * 60) % 60), (v * 3600) % 60]

/** The EXIF block of a place in degrees, a time as the camera writes it in Beijing, and a direction in degrees. */
function exif({ lon, lat, taken, direction }) {
  const camera = [text(0x9003, taken), text(0x9011, '+08:00')]
  const gps = [text(1, 'N'), fractions(2, ...sexagesimal(lat)), text(3, 'E'), fractions(4, ...sexagesimal(lon)), text(16, 'T'), fractions(17, direction), fractions(31, 3)]
  const main = (cameraAt, gpsAt) => [text(0x10f, 'Fangyu synthetic'), pointer(0x8769, cameraAt), pointer(0x8825, gpsAt)]
  const cameraAt = 8 + directory(8, main(0, 0)).length
  const gpsAt = cameraAt + directory(cameraAt, camera).length
  return [...ascii('MM').slice(0, 2), 0, 42, 0, 0, 0, 8, ...directory(8, main(cameraAt, gpsAt)), ...directory(cameraAt, camera), ...directory(gpsAt, gps)]
}

/** A JPEG with EXIF as a Buffer; without `at` it says nothing of itself. */
export async function photo(page, at, hue = 0) {
  const plain = await page.evaluate(async (hue) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 2000, height: 1500 })
    const pen = canvas.getContext('2d')
    pen.fillStyle = `hsl(${hue} 45% 70%)`
    pen.fillRect(0, 0, 2000, 1500)
    pen.fillStyle = '#ddd8cc'
    pen.fillRect(850, 400, 300, 900)
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9))
    return [...new Uint8Array(await blob.arrayBuffer())]
  }, hue)
  if (!at) return Buffer.from(plain)
  const body = [...ascii('Exif'), 0, ...exif(at)]
  return Buffer.from([...plain.slice(0, 2), 0xff, 0xe1, ...u16(body.length + 2), ...body, ...plain.slice(2)])
}

/** Hands files in as one submission with the browser's session and returns it received. */
export async function handIn(page, where, files) {
  const coded = files.map((f) => ({ name: f.name, base64: f.bytes.toString('base64') }))
  return page.evaluate(
    async ({ where, coded, id }) => {
      const bodies = coded.map((f) => Uint8Array.from(atob(f.base64), (c) => c.charCodeAt(0)))
      const ask = async (path, init) => {
        const answer = await fetch(path, init)
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
        return answer.status === 204 ? undefined : answer.json()
      }
      const path = `/api/submissions/${id}`
      const manifest = { ...where, files: coded.map((f, i) => ({ name: f.name, size: bodies[i].length })) }
      const declared = await ask(path, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(manifest) })
      for (const [i, f] of declared.files.entries()) {
        await ask(`/api/uploads/${f.id}`, {
          method: 'PATCH',
          headers: { 'Tus-Resumable': '1.0.0', 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
          body: bodies[i],
        })
      }
      return ask(path)
    },
    { where, coded, id: crypto.randomUUID() },
  )
}

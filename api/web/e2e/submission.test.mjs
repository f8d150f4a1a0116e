import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { promisify } from 'node:util'
import { base, fits, get, narrow, open, ready, signIn, thorough, wide, withPicture } from './browser.mjs'
import { gpxAlong } from './track.mjs'

// Files handed in over a line that breaks: nothing sent is sent twice, and the receipt is one to keep.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

const dialog = () => page.locator('.el-dialog:visible')

/** Signs in and opens the upload of the demo round's line. */
async function openUpload() {
  await signIn(page, 'yb-mzj')
  const { line } = (await get(page, '/api/inspections')).items[0]
  const { geometry } = await get(page, `/ogc/collections/lines/items/${line.id}`)
  await page.goto(`${base}/lines/${line.id}`)
  await ready(page)
  await page.locator('main [data-upload]').click()
  await dialog().waitFor()
  return { line, geometry }
}

/** A walk nobody handed in yet, padded to so many bytes. */
function walk(geometry, name, bytes = 0) {
  const gpx = `${gpxAlong(geometry, 0.1 + Math.random() / 5)}<!--${randomUUID()}-->`
  const padding = bytes > gpx.length ? `<!--${'.'.repeat(bytes - gpx.length)}-->` : ''
  return { name, mimeType: 'application/gpx+xml', buffer: Buffer.from(gpx + padding) }
}

const pick = (...files) => dialog().locator('input[type=file]').setInputFiles(files)
const phase = (name) => dialog().locator(`[data-phase="${name}"]`).waitFor()
const received = () => dialog().locator('[data-receipt]').waitFor({ timeout: 30_000 })

/** Keeps the offsets of the pieces that arrive; after so many of them the network is gone, until `cut` says otherwise. */
async function watchPieces(good = Infinity) {
  const pieces = { offsets: [], cut: false }
  await page.route('**/api/{uploads,submissions}/*', async (route) => {
    const request = route.request()
    const piece = request.method() === 'PATCH'
    if (piece && pieces.offsets.length === good) {
      pieces.cut = true
      good = Infinity
    }
    if (pieces.cut) return route.abort('internetdisconnected')
    if (piece) pieces.offsets.push(Number(request.headers()['upload-offset']))
    return route.continue()
  })
  return pieces
}

const mended = async () => await page.unroute('**/api/{uploads,submissions}/*')

/** What a page did wrong beside noticing that the network was gone. */
const wrong = () => browser.wrong.filter((w) => !w.includes('ERR_INTERNET_DISCONNECTED'))

test('several files at once get one receipt, which holds offline, and each track is read', () =>
  withPicture(page, 'submission', async () => {
    const { geometry } = await openUpload()
    const [one, other] = [walk(geometry, 'morning.gpx'), walk(geometry, 'evening.gpx')]
    const photo = { name: 'marker.jpg', mimeType: 'image/jpeg', buffer: await page.screenshot({ type: 'jpeg' }) }
    await pick(one, other, photo, { ...one, name: 'morning copy.gpx' }, { ...one, name: 'nothing.gpx', buffer: Buffer.alloc(0) })
    await phase('choosing')
    const remarks = await dialog().locator('[data-remarks] li').allInnerTexts()
    assert.equal(remarks.length, 2)
    assert.match(remarks[0], /morning copy\.gpx.*morning\.gpx.*同一个文件/)
    assert.match(remarks[1], /nothing\.gpx.*空文件/)
    await page.setViewportSize(narrow)
    await fits(page, 'the upload')
    await page.setViewportSize(wide)
    await page.locator('[data-send]').click()
    await received()
    assert.deepEqual(await dialog().locator('[data-receipt] li b').allInnerTexts(), ['morning.gpx', 'evening.gpx', 'marker.jpg'])
    for (const state of await dialog().locator('[data-track]').all()) await state.and(page.locator('[data-track-state=matched]')).waitFor({ timeout: 30_000 })
    assert.equal(await dialog().locator('[data-track]').count(), 2)

    const saving = page.waitForEvent('download')
    await dialog().locator('[data-save-receipt]').click()
    await verified(await saving)
    await page.setViewportSize(narrow)
    await fits(page, 'the receipt')
    await page.setViewportSize(wide)
    assert.deepEqual(wrong(), [])
  }))

/** Checks a saved receipt as who keeps it would: with the program and the public key, without the server. */
async function verified(download) {
  const folder = await mkdtemp(join(tmpdir(), 'fangyu-receipt-'))
  try {
    const [receipt, key] = [join(folder, download.suggestedFilename()), join(folder, 'key')]
    await download.saveAs(receipt)
    await writeFile(key, await (await fetch(`${base}/api/ledger/key`)).text())
    const text = await readFile(receipt, 'utf8')
    assert.match(text, /^fangyu receipt 1 .*\n[^]*morning\.gpx\n[^]*marker\.jpg\n/)
    const program = process.env.FANGYU_PROGRAM ?? join(import.meta.dirname, '../../../bin/fangyu')
    const { stdout } = await promisify(execFile)(program, ['verify', 'receipt', '--json', '--key', key, receipt])
    assert.deepEqual(JSON.parse(stdout).map((r) => r.holds), [true])
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('what is wrong with a file, and what to do, is said beside its receipt; photos are found again', thorough, () =>
  withPicture(page, 'outcome', async () => {
    const { line, geometry } = await openUpload()
    const far = { ...geometry, coordinates: geometry.coordinates.map((part) => part.map(([lon, lat]) => [lon, lat - 0.3])) }
    const web = { name: 'login.gpx', mimeType: 'application/gpx+xml', buffer: Buffer.from('<html>sign in</html>') }
    const photo = { name: `stone ${Date.now()}.jpg`, mimeType: 'image/jpeg', buffer: await page.screenshot({ type: 'jpeg' }) }
    await pick(walk(geometry, 'drawn.gpx'), walk(far, 'elsewhere.gpx'), { ...web, buffer: Buffer.from(`<html>sign in ${Date.now()}</html>`) }, photo)
    await phase('choosing')
    await pick(photo)
    await dialog().locator('[data-remarks]').getByText(`“${photo.name}”已经选过，只报送一次。`).waitFor()
    await page.locator('[data-send]').click()
    await received()
    const of = (name) => dialog().locator('[data-track]', { hasText: name })
    await of('login.gpx').and(page.locator('[open]')).getByText('重新导出后再上传').waitFor({ timeout: 30_000 })
    await of('drawn.gpx').and(page.locator('[data-track-state=matched]')).waitFor({ timeout: 30_000 })
    await of('drawn.gpx').locator('summary').first().click()
    assert.match(await of('drawn.gpx').locator('[data-grade]').innerText(), /证据等级 C：有时间，没有照片相符/)
    assert.match(await of('drawn.gpx').locator('[data-sign=copied_from_line]').innerText(), /存疑：离界线的均方根偏差/)
    await of('elsewhere.gpx').and(page.locator('[data-track-state=matched]')).waitFor({ timeout: 30_000 })
    await of('elsewhere.gpx').locator('summary').first().click()
    assert.match(await of('elsewhere.gpx').locator('[data-far]').innerText(), /没有走到界线。请核对：是否选错了界线/)
    assert.doesNotMatch(await of('elsewhere.gpx').innerText(), /0 点：平均/)
    await page.setViewportSize(narrow)
    await fits(page, 'what became of the files')
    await page.setViewportSize(wide)
    await dialog().locator('[data-photos-sent] a').click()
    await dialog().waitFor({ state: 'hidden' })
    await page.locator('[data-photo]', { hasText: photo.name }).waitFor()
    assert.equal(new URL(page.url()).pathname, `/lines/${line.id}`)
    assert.deepEqual(wrong(), [])
  }))

test('the receipt alone is printed', thorough, () =>
  withPicture(page, 'receipt-print', async () => {
    const { geometry } = await openUpload()
    await pick(walk(geometry, 'print.gpx'))
    await page.locator('[data-send]').click()
    await received()
    await page.evaluate(() => {
      window.print = () => {
        const seen = [...document.body.children].filter((e) => getComputedStyle(e).display !== 'none')
        globalThis.printed = seen.map((e) => e.innerText).join()
      }
    })
    await page.emulateMedia({ media: 'print' })
    await dialog().locator('[data-print-receipt]').evaluate((b) => b.click())
    const printed = await page.waitForFunction(() => globalThis.printed).then((h) => h.jsonValue())
    await page.emulateMedia({ media: 'screen' })
    assert.match(printed, /^回执[^]*print\.gpx[^]*fangyu receipt 1/)
    assert.doesNotMatch(printed, /基本情况|上传轨迹/)
    assert.deepEqual(wrong(), [])
  }))

test('a lost connection is waited for, and the file goes on from where it broke', () =>
  withPicture(page, 'cut', async () => {
    const { geometry } = await openUpload()
    const pieces = await watchPieces(1)
    await pick(walk(geometry, 'cut.gpx', 3 << 20))
    await page.locator('[data-send]').click()
    await phase('waiting')
    assert.match(await dialog().locator('[data-sentence]').innerText(), /网络断了，\d+ 秒后自动再试/)
    const kept = Number(await dialog().locator('[data-file="cut.gpx"]').getAttribute('data-sent'))
    assert.ok(kept > 0 && kept < 3 << 20, `${kept} bytes`)
    pieces.cut = false
    await received()
    await mended()
    assert.deepEqual(pieces.offsets, [...new Set(pieces.offsets)].sort((a, b) => a - b), 'no piece was sent twice')
    assert.ok(pieces.offsets.includes(kept))
    assert.deepEqual(wrong(), [])
  }))

test('an upload is paused and goes on, and one given up is gone', thorough, () =>
  withPicture(page, 'pause', async () => {
    const { geometry } = await openUpload()
    await watchPieces(1)
    await pick(walk(geometry, 'pause.gpx', 2 << 20))
    await page.locator('[data-send]').click()
    await phase('waiting')
    await dialog().locator('[data-pause]').click()
    await phase('paused')
    await mended()
    await dialog().locator('[data-resume]').click()
    await received()
    await dialog().locator('.el-dialog__headerbtn').click()

    await page.locator('main [data-upload]').click()
    await watchPieces(1)
    await pick(walk(geometry, 'given-up.gpx', 2 << 20))
    await page.locator('[data-send]').click()
    await phase('waiting')
    await mended()
    await dialog().locator('[data-cancel]').click()
    await phase('choosing')
    assert.equal(await dialog().locator('[data-file]').count(), 0)
    await page.reload()
    await ready(page)
    await page.locator('main [data-upload]').click()
    await dialog().locator('input[type=file]').waitFor({ state: 'attached' })
    assert.equal(await dialog().locator('[data-unfinished]').count(), 0)
    assert.deepEqual(wrong(), [])
  }))

test('after a reload the same files are picked again and go on; others are told apart', thorough, () =>
  withPicture(page, 'reload', async () => {
    const { geometry } = await openUpload()
    const [small, large] = [walk(geometry, 'small.gpx'), walk(geometry, 'large.gpx', 3 << 20)]
    await watchPieces(3)
    await pick(small, large)
    await page.locator('[data-send]').click()
    await phase('waiting')
    await page.reload()
    await ready(page)
    await mended()
    const pieces = await watchPieces()

    await page.goto(`${base}/tracks`)
    await page.locator('[data-unfinished] button').click()
    await dialog().locator('[data-file="large.gpx"]').getByText('请重新选择').waitFor()
    const held = dialog().locator('[data-file="large.gpx"]:not([data-sent="0"])') // once the server has said how much it holds
    const kept = Number(await held.getAttribute('data-sent'))
    assert.ok(kept > 0)
    await pick({ ...large, buffer: Buffer.concat([large.buffer, Buffer.from('\n')]) }, walk(geometry, 'stranger.gpx'))
    await dialog().locator('[data-remarks]').getByText('不是同一份文件').waitFor()
    await dialog().locator('[data-remarks]').getByText('“stranger.gpx”不在这次').waitFor()
    await pick({ ...large, name: 'renamed.gpx' })
    await received()
    await mended()
    assert.equal(pieces.offsets[0], kept)
    await dialog().locator('.el-dialog__headerbtn').click()
    await page.locator('[data-unfinished]').waitFor({ state: 'detached' })
    assert.deepEqual(wrong(), [])
  }))

test('a file that was handed in before leads to the same track', thorough, () =>
  withPicture(page, 'same-file', async () => {
    const { geometry } = await openUpload()
    const file = walk(geometry, 'twice.gpx')
    const tracks = []
    for (const name of ['twice.gpx', 'twice again.gpx']) {
      await pick({ ...file, name })
      await page.locator('[data-send]').click()
      await received()
      tracks.push(await dialog().locator('[data-track]').getAttribute('data-track'))
      await dialog().locator('.el-dialog__headerbtn').click()
      await page.locator('main [data-upload]').click()
    }
    assert.equal(tracks[0], tracks[1])
    assert.deepEqual(wrong(), [])
  }))

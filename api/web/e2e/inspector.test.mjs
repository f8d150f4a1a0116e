import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { base, fits, get, narrow, open, ready, signIn, thorough, wide, withPicture } from './browser.mjs'
import { gpxOf, walkAlong } from './track.mjs'

// A track looked at closely: what is odd about it, and in which frame it was recorded.

let browser
let page
let geometry
before(async () => {
  browser = await open()
  page = browser.page
  await signIn(page, 'yb-mzj')
  const { line } = (await get(page, '/api/inspections')).items[0]
  geometry = (await get(page, `/ogc/collections/lines/items/${line.id}`)).geometry
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

/** Hands in a track and opens its page once it is read. */
async function openTrack(name, points, state) {
  await page.goto(`${base}/tracks`)
  await ready(page)
  await page.locator('[data-upload]').click()
  const dialog = page.locator('.el-dialog:visible')
  await dialog.locator('.el-select').first().click()
  await page.locator('.el-select-dropdown:visible .el-select-dropdown__item').getByText((await get(page, '/api/inspections')).items[0].line.name).first().click()
  await dialog.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/gpx+xml', buffer: Buffer.from(gpxOf(points)) })
  await page.locator('[data-send]').click()
  await dialog.locator(`[data-track-state="${state}"]`).waitFor({ timeout: 30_000 })
  await dialog.getByRole('link', { name: '打开轨迹页面' }).click()
  await page.waitForURL(/\/tracks\/[0-9a-f-]{36}$/)
  await page.locator('[data-inspector]').waitFor()
  await page.locator('[data-inspector] [data-idle=true]').waitFor()
}

/** A walk with a hill, one position far off, a stop of ten minutes and a gap of twenty. */
function messyWalk() {
  const path = walkAlong(geometry, 0.2 + Math.random() / 20)
  const out = []
  let s = 0
  path.forEach(([lon, lat], i) => {
    if (i > 150 && i < 220) return // the receiver was off
    s += i === 220 ? 1200 : 12
    out.push([lon, i === 60 ? lat + 0.03 : lat, Math.round(300 + 80 * Math.sin(i / 40)), s])
    if (i === 100) for (let k = 0; k < 60; k++) out.push([lon + 1e-5 * Math.cos(k), lat + 1e-5 * Math.sin(k), 320, (s += 10)])
  })
  return out
}

const at = () => page.locator('[data-inspector] [data-at]').getAttribute('data-at')
const moved = (from) => page.waitForFunction((f) => document.querySelector('[data-inspector] [data-at]').dataset.at !== f, from)

test('flags lead to their place on map and charts, which point at each other; cleaning leaves flagged points out', thorough, () =>
  withPicture(page, 'inspector', async () => {
    await openTrack('messy.gpx', messyWalk(), 'matched')
    const inspector = page.locator('[data-inspector]')
    const shown = async () => Number(await inspector.getAttribute('data-shown'))
    const clean = await shown()
    await inspector.getByText('原始', { exact: true }).click()
    const raw = await shown()
    assert.ok(raw > clean, `${raw} raw, ${clean} clean`)
    await inspector.getByText('清理后', { exact: true }).click()
    assert.equal(await shown(), clean)

    for (const code of ['stop', 'gap', 'teleport']) {
      const from = await at()
      await page.locator(`[data-events="${code}"] button`).first().click()
      await moved(from)
      assert.ok(await page.locator('[data-chart=speed] [data-mark], [data-chart=elevation] [data-mark]').count(), `${code} is marked on a chart`)
    }
    assert.equal(await shown(), raw, 'a jump is seen as it was recorded')

    const chart = page.locator('[data-chart=elevation] svg')
    await chart.scrollIntoViewIfNeeded()
    const box = await chart.boundingBox()
    await page.mouse.move(box.x + box.width * 0.7, box.y + 40)
    await page.locator('[data-inspector] [data-told]').getByText(/里程 \d.*高程 \d/).waitFor()
    const from = await at()
    await page.mouse.click(box.x + box.width * 0.9, box.y + 40)
    await moved(from)

    // where the map was led to lies a position of the track: pointing at its middle tells the same
    const map = page.locator('[data-inspector] .canvas')
    await map.scrollIntoViewIfNeeded()
    const m = await map.boundingBox()
    await page.mouse.move(m.x + m.width / 2, m.y + m.height / 2)
    await page.locator('[data-inspector] [data-told]').getByText(/里程 \d/).waitFor()
    assert.ok(await page.locator('[data-chart=elevation] output').count())

    await page.setViewportSize(narrow)
    await fits(page, 'the inspector')
    await page.setViewportSize(wide)
    assert.deepEqual(browser.wrong, [])
  }))

test('a track in another frame is held until somebody says which, and then counts', () =>
  withPicture(page, 'frame', async () => {
    const program = process.env.FANGYU_PROGRAM ?? join(import.meta.dirname, '../../../bin/fangyu')
    const walk = walkAlong(geometry, 0.25 + Math.random() / 20)
    const mars = execFileSync(program, ['geo', 'convert', '--from', '4326', '--to', 'gcj02'], { input: walk.map((p) => p.join(' ')).join('\n') })
    await openTrack('mars.gpx', mars.toString().trim().split('\n').map((l) => l.split(' ').map(Number)), 'held')
    const id = new URL(page.url()).pathname.split('/').at(-1)
    assert.equal((await get(page, `/api/tracks/${id}`)).state, 'held')
    const pictures = page.locator('[data-frame-question] figcaption')
    assert.ok((await pictures.count()) >= 2)
    const offsets = Object.fromEntries((await pictures.allInnerTexts()).map((text) => [text.split('\n')[0], parseFloat(text.match(/([\d.,]+) 米/)[1].replaceAll(',', ''))]))
    assert.ok(offsets['火星坐标（GCJ-02）'] < 20 && offsets['按原样（WGS 84／CGCS2000）'] > 100, JSON.stringify(offsets))
    await page.setViewportSize(narrow)
    await fits(page, 'the frame question')
    await page.setViewportSize(wide)

    assert.ok(await page.locator('[data-confirm-frame]').isDisabled())
    await page.locator('[data-frame-question] input[value=gcj02]').check()
    await page.locator('textarea[name=reason]').fill('用地图软件记录，已向记录人问明')
    await page.locator('[data-confirm-frame]').click()
    await page.locator('[data-confirmed-frame]').getByText('火星坐标').waitFor()
    assert.equal(await page.evaluate(() => scrollY), 0, 'what became of the track is in view')
    await page.locator('[data-coverage]').waitFor({ timeout: 30_000 })
    const track = await get(page, `/api/tracks/${id}`)
    assert.deepEqual([track.state, track.frame], ['matched', 'gcj02'])
    assert.ok(track.match.coverage > 0.05)
    assert.match(await page.locator('[data-confirmed-frame]').innerText(), /渝北区民政局.*已向记录人问明/)
    await page.locator('[data-language]').evaluate((b) => b.click())
    await page.locator('[data-action=read-again]', { hasText: 'Read and match again' }).waitFor()
    assert.doesNotMatch(await page.locator('[data-match]').innerText(), /-0\.0 m/)
    await page.locator('[data-language]').evaluate((b) => b.click())
    assert.deepEqual(browser.wrong, [])
  }))

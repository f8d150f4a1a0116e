import assert from 'node:assert/strict'
import { availableParallelism, loadavg } from 'node:os'
import { after, before, beforeEach, test } from 'node:test'
import { base, fits, get, longestTaskCpuMs, narrow, open, ready, signIn, thorough, wide, withPicture } from './browser.mjs'
import { gpxAlong } from './track.mjs'

let browser
let page
before(async () => {
  browser = await open({ reducedMotion: 'no-preference' })
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))
const nothingWrong = () => assert.deepEqual(browser.wrong, [])

const mostIdleMs = 2000
const mostTaskMs = 200
const tries = 5 // other work on the machine can only make it slower, so the best of some counts; where it is crowded none is quick
const yuzhong = [106.55, 29.56]

for (const zoom of [6, 9, 12, 15]) {
  test(`at zoom ${zoom} the map is drawn within 2 s and never blocks for 200 ms`, zoom === 9 ? {} : thorough, () =>
    withPicture(page, `zoom-${zoom}`, async () => {
      const seen = []
      while (seen.length < (crowded() ? 1 : tries) && !seen.some(quick)) seen.push(await drawn(zoom))
      console.log(`zoom ${zoom}: ${seen.map((s) => `idle after ${s.idleMs} ms, longest task ${s.taskMs} ms`).join('; ')}`)
      if (!seen.some(quick) && crowded()) {
        const cpuMs = await longestTaskCpuMs(page, () => drawn(zoom))
        console.log(`zoom ${zoom}: the machine is crowded (load ${loadavg()[0]}), so the longest task counts by its processor time: ${cpuMs} ms`)
        assert.ok(cpuMs <= mostTaskMs, `${cpuMs} ms of processor time`)
      } else assert.ok(seen.some(quick), JSON.stringify(seen))
      nothingWrong()
    }))
}

const quick = ({ idleMs, taskMs }) => idleMs <= mostIdleMs && taskMs <= mostTaskMs
const crowded = () => loadavg()[0] > availableParallelism() * 1.5 // the browser and the server alone stay below

/** Opens the map at a zoom: the time until all is drawn, and the longest task of the main thread. */
async function drawn(zoom) {
  await page.goto('about:blank')
  await page.goto(`${base}/?at=${yuzhong},${zoom}`)
  await ready(page)
  return page.evaluate(() => ({
    idleMs: Math.round(performance.getEntriesByName('map-idle')[0].duration),
    taskMs: Math.max(0, ...globalThis.longTasks),
  }))
}

test('search leads to details and an address that brings both back', () =>
  withPicture(page, 'search', async () => {
    await page.goto(base)
    await ready(page)
    await page.getByPlaceholder('搜索地名').fill('渝北区')
    await page.locator('[data-hit]').first().waitFor()
    await page.locator('[data-hit]').first().click()
    const details = page.locator('[data-details]')
    await details.getByRole('heading', { name: '渝北区' }).waitFor()
    await page.waitForURL(/sel=\w+/)
    const address = page.url()
    await page.goto('about:blank')
    await page.goto(address)
    await ready(page)
    await page.locator('[data-details]').getByRole('heading', { name: '渝北区' }).waitFor()
    nothingWrong()
  }))

test('a click tells in which divisions the point lies', () =>
  withPicture(page, 'click', async () => {
    await page.goto(`${base}/?at=${yuzhong},11`)
    await ready(page)
    await page.mouse.click(wide.width / 2, 56 + (wide.height - 56) / 2)
    await page.locator('[data-chain] li').first().waitFor()
    assert.match(await page.locator('[data-chain]').innerText(), /重庆市/)
    nothingWrong()
  }))

test('the notice stands on the map at both widths', () =>
  withPicture(page, 'notice', async () => {
    await page.setViewportSize(narrow)
    await page.goto(base)
    await ready(page)
    for (const size of [narrow, wide]) {
      await page.setViewportSize(size)
      const notice = page.locator('[data-notice]')
      assert.match(await notice.innerText(), /示意，不作为划界依据/)
      const box = await notice.boundingBox()
      assert.ok(box.y + box.height <= size.height + 1, 'the notice is in view')
      await fits(page, '/')
    }
    nothingWrong()
  }))

test('an uploaded track shows its receipt and what it covered', () =>
  withPicture(page, 'track', async () => {
    await signIn(page, 'yb-mzj')
    const rounds = await get(page, '/api/inspections')
    const line = await get(page, `/ogc/collections/lines/items/${rounds.items[0].line.id}`)
    await page.goto(`${base}/?sel=line:${line.id}`)
    await ready(page)
    await page.locator('[data-details]').getByText('为此界线上传轨迹').click()
    await page.locator('input[type=file]').setInputFiles({ name: 'e2e-walk.gpx', mimeType: 'application/gpx+xml', buffer: Buffer.from(gpxAlong(line.geometry)) })
    await page.locator('[data-send]').click()
    await page.locator('[data-receipt]').waitFor()
    const shown = await page.locator('[data-coverage]').innerText({ timeout: 30_000 })
    const tracks = await get(page, '/api/tracks')
    const track = await get(page, `/api/tracks/${tracks.items.find((t) => t.fileName === 'e2e-walk.gpx').id}`)
    assert.equal(track.state, 'matched')
    assert.ok(track.match.coverage > 0, `coverage ${track.match.coverage}`)
    assert.equal(shown, `${(track.match.coverage * 100).toFixed(1)}%`)
    await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {}) // tiles still under way would be cut off, which the map reports
    await page.goto(`${base}/tracks/${track.id}`)
    await ready(page)
    assert.equal(await page.locator('[data-coverage]').innerText(), shown)
    nothingWrong()
  }))

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base, fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// A marker gets its record: what contradicts its position is refused in words, then it is registered, read and printed.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())

const dialog = () => page.locator('.el-dialog:visible')
const fill = async (fields) => {
  for (const [name, text] of Object.entries(fields)) await dialog().locator(`[name="${name}"]`).fill(text)
}

test('the record of a marker is registered, read and printed', () =>
  withPicture(page, 'record', async () => {
    await signIn(page, 'cq-mzj')
    const lines = await get(page, '/api/lines?level=county&limit=100')
    let line
    for (const l of lines.items) if ((line = await get(page, `/api/lines/${l.id}`)).markers.length) break
    const marker = line.markers[0]
    await page.setViewportSize(wide)
    await page.goto(`${base}/markers/${marker.id}`)
    await ready(page)
    await page.locator('[data-record]').getByText('还没有登记表').waitFor()
    await picture(page, 'record-none-1440')
    await page.locator('[data-register]').click()
    await fill({
      unitA: '甲县某镇', unitB: '乙县某镇', feature: '石桥', side: '东侧', x: '3272217.299', y: '36359474.087', documentTitle: '界线协议书', documentNumber: '渝界〔2026〕1号',
      'object-0': '石桥东北角', 'degrees-0': '227', 'minutes-0': '10', 'distance-0': '36.2', 'object-1': '电杆', 'degrees-1': '57', 'minutes-1': '10', 'distance-1': '12.5',
      'object-2': '独立树', 'degrees-2': '180', 'minutes-2': '0', 'distance-2': '48', surveyedOn: '2026-10-08', validFrom: '2026-11-01',
    })
    await dialog().locator('[data-send]').click()
    await dialog().getByText('与界桩的登记位置相差').waitFor()
    browser.wrong.splice(0) // the browser reports what was refused
    await picture(page, 'record-dialog-1440')
    await page.setViewportSize(narrow)
    await picture(page, 'record-dialog-390')
    await fill({ x: '', y: '' })
    await dialog().locator('[data-send]').click()
    await page.locator('[data-versions]').getByText('第 1 版').waitFor()
    await dialog().waitFor({ state: 'hidden' })
    await page.locator('[data-record] img').waitFor()
    await fits(page, `/markers/${marker.id}`)
    await picture(page, 'record-390')
    await page.setViewportSize(wide)
    await picture(page, 'record-1440')
    const form = await page.request.get(`${base}/api/markers/${marker.id}/record/form`)
    assert.match(await form.text(), /石桥东北角[\s\S]*227°10′/)
    await page.locator('[data-witness-check]').click() // the tree is measured two metres off: it changed, not the marker
    await fill({ degrees0: '227', minutes0: '10', distance0: '36.2', degrees1: '57', minutes1: '10', distance1: '12.5', degrees2: '180', minutes2: '0', distance2: '46' })
    await dialog().locator('button[type=submit]').click()
    await dialog().locator('[data-witness-result][data-cause=witness-moved]').getByText('独立树').first().waitFor()
    await picture(page, 'witness-1440')
    await page.setViewportSize(narrow)
    await picture(page, 'witness-390')
    await page.setViewportSize(wide)
    await page.goto(`${base}/lines/${line.id}`)
    await ready(page)
    const before = await page.locator('[data-told]').textContent()
    await page.locator('[data-ruler] input').fill('1.5')
    await page.locator('[data-ruler] button').click()
    await page.locator('[data-told]').getByText('里程 1.500 公里').waitFor()
    assert.notEqual(await page.locator('[data-told]').textContent(), before)
    await picture(page, 'ruler-1440')
    await page.setViewportSize(narrow)
    await fits(page, `/lines/${line.id}`)
    await page.locator('[data-ruler]').scrollIntoViewIfNeeded()
    await picture(page, 'ruler-390')
    await page.setViewportSize(wide)
    assert.equal(await page.locator('[data-marker-table]').getAttribute('href'), `/api/lines/${line.id}/marker-table`)
  }))

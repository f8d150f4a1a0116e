import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base, fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// A place and its names: another name is recorded and corrected, an event told with its citation, and all of it is read.

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

test('a place keeps its names, what befell them and how they were corrected', () =>
  withPicture(page, 'place', async () => {
    await signIn(page, 'cq-mzj')
    const { id } = (await get(page, '/api/search?q=%E9%BE%99%E5%85%B4%E9%95%87')).items.find((h) => h.kind === 'place')
    const path = `/places/${id}`
    await page.setViewportSize(narrow)
    await page.goto(base + path)
    await ready(page)
    await page.locator('[data-record-name]').click()
    await dialog().locator('[data-send]').click()
    await dialog().getByText('名称应有 1 至 60 个字').waitFor()
    await dialog().getByText('请写明理由').waitFor()
    assert.equal(browser.wrong.splice(0).filter((w) => !w.includes('422')).length, 0) // the browser reports what was refused
    await picture(page, 'name-dialog-390')
    await fill({ name: '隆兴场', fromSaid: '清乾隆年间', meaning: '取兴隆之意', documentTitle: '江北厅志', reason: '志书所载' })
    await dialog().locator('[data-send]').click()
    await page.locator('[data-names]').getByText('隆兴场').waitFor()
    await dialog().waitFor({ state: 'hidden' })

    await page.setViewportSize(wide)
    await page.locator('[data-names] tr', { hasText: '隆兴场' }).locator('[data-correct]').click()
    await fill({ name: '龙兴场', documentTitle: '江北厅志', reason: '抄录有误' })
    await picture(page, 'name-dialog-1440')
    await dialog().locator('[data-send]').click()
    await page.locator('[data-corrections]').getByText('原作“隆兴场”').waitFor()
    await dialog().waitFor({ state: 'hidden' })

    await page.locator('[data-correct-place]').click()
    await dialog().locator('[data-located="map"]').click()
    await dialog().locator('.maplibregl-canvas').waitFor()
    await picture(page, 'place-dialog-point-1440')
    await dialog().locator('[data-as-shape]').click()
    await fill({ shape: '{"type":"LineString","coordinates":[[29.70,106.73],[29.71,106.74]]}', documentTitle: '乡镇政区图', reason: '补绘街面' })
    await dialog().locator('[data-send]').click()
    await dialog().getByText('像是纬度在前').waitFor()
    browser.wrong.splice(0)
    await fill({ shape: '{"type":"LineString","coordinates":[[106.73,29.70],[106.74,29.71]]}' })
    await picture(page, 'place-dialog-1440')
    await dialog().locator('[data-send]').click()
    await page.locator('[data-place-corrections]').getByText('补绘街面').waitFor()
    await dialog().waitFor({ state: 'hidden' })
    await page.locator('[data-place-map] [data-idle="true"]').waitFor()

    await page.locator('[data-record-event]').click()
    await dialog().locator('[data-asked]').getByText('文献的书名').waitFor()
    await fill({ onSaid: '清道光二十四年', citation: '志书', documentTitle: '江北厅志' })
    await dialog().locator('[data-send]').click()
    await dialog().getByText('“志书”不像文献的书名').waitFor()
    browser.wrong.splice(0)
    await fill({ citation: '《江北厅志》卷二' })
    await dialog().locator('[data-send]').click()
    await page.locator('[data-events]').getByText('《江北厅志》卷二').waitFor()
    await dialog().waitFor({ state: 'hidden' })
    await picture(page, 'place-1440', { fullPage: true })
    await page.setViewportSize(narrow)
    await fits(page, path)
    await picture(page, 'place-390', { fullPage: true })
    const place = await get(page, `/api${path}`)
    assert.deepEqual(
      place.names.filter((n) => n.kind === 'customary').map((n) => [n.name, n.fromSaid, n.meaning]),
      [['龙兴场', '清乾隆年间', '取兴隆之意']],
    )
    assert.deepEqual(browser.wrong, [])
  }))

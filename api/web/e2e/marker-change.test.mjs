import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base, demoAccount, fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// A marker in the way of a motorway is relocated: one side applies, both agree, the bureau above consents, both survey, the stone is
// set, the case filed. Only then it is registered elsewhere.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())

const dialog = () => page.locator('.el-dialog:visible')
const stage = (name, state) => page.locator(`[data-stage="${name}"][data-stage-state="${state}"]`).waitFor()
const fill = async (names) => {
  for (const [name, text] of Object.entries(names)) await dialog().locator(`input[name=${name}]`).fill(String(text))
}

/** Takes a step from the page and waits until the case is in the state. */
async function step(action, state, more = async () => {}) {
  await page.locator(`[data-action="${action}"]`).click()
  await more()
  await dialog().locator('button[type=submit]').click()
  await dialog().waitFor({ state: 'hidden' })
  await page.locator(`main [data-state="${state}"]`).first().waitFor()
}
const confirmAs = (login) => async () => {
  await dialog().locator('.el-checkbox', { has: page.locator('input[name=read]') }).click()
  await dialog().locator('input[name=confirmPassword]').fill((await demoAccount(login)).password)
}
const paper = (documentTitle, documentNumber, issuedBy, issuedOn) => async () => {
  await fill({ documentTitle, documentNumber, issuedBy, issuedOn })
  await page.keyboard.press('Enter')
}

/** Both widths of the page as it is now, to look at. */
async function pictures(name, path) {
  await ready(page)
  await page.locator('[data-places] [data-idle=true]').waitFor()
  await picture(page, `marker-change-${name}-1440`, { fullPage: true })
  await page.setViewportSize(narrow)
  await page.evaluate(() => scrollTo(0, 0))
  await fits(page, path)
  await picture(page, `marker-change-${name}-390`, { fullPage: true })
  await page.setViewportSize(wide)
}

test('a marker is relocated by both sides and the bureau above', () =>
  withPicture(page, 'marker-change', async () => {
    await signIn(page, 'yb-officer')
    const line = (await get(page, '/api/inspections')).items[0].line
    const marker = await get(page, `/api/markers/${(await get(page, `/api/lines/${line.id}`)).markers[2].id}`)
    await page.setViewportSize(wide)
    await page.goto(`${base}/markers/${marker.id}`)
    await page.locator('[data-ask-change]').click()
    await dialog().locator('[data-change=relocation]').click()
    await dialog().locator('[data-send]').click()
    await dialog().getByText('请写明移设的理由').waitFor()
    browser.wrong.splice(0) // the browser reports what was refused
    await fill({ lon: marker.lon + 0.0004, lat: marker.lat + 0.0002, height: 321.5, applicant: '渝广高速公路建设公司' })
    await dialog().locator('textarea[name=reason]').fill('渝广高速公路支线路基占用界桩位置，须移出用地范围')
    await picture(page, 'marker-change-ask-1440')
    await dialog().locator('[data-send]').click()
    await page.waitForURL(/\/marker-changes\/[0-9a-f-]{36}$/)
    const path = new URL(page.url()).pathname
    await stage('apply', 'current')
    await pictures('draft', path)
    await step('apply', 'applied')
    await stage('agree', 'current')
    await step('agree', 'applied', confirmAs('yb-officer'))
    await page.locator('[data-next]', { hasText: '江北区' }).waitFor()
    await page.locator('[data-edit]').click() // what was agreed to is not what it says now
    await dialog().locator('[data-voids]').waitFor()
    await dialog().locator('textarea[name=reason]').fill('渝广高速公路支线路基占用界桩位置，须移出用地范围；新位置在红线外 5 米')
    await picture(page, 'marker-change-edit-1440')
    await dialog().locator('[data-send]').click()
    await page.locator('[data-voided]').waitFor()
    await page.locator('[data-next]', { hasText: '渝北区' }).waitFor()
    await pictures('edited', path)
    await step('agree', 'applied', confirmAs('yb-officer'))

    await signIn(page, 'jb-officer', path)
    await step('return', 'returned', () => dialog().locator('textarea[name=reason]').fill('请附新位置的权属证明'))
    await page.getByText('请附新位置的权属证明', { exact: true }).waitFor()
    await pictures('returned', path)
    await signIn(page, 'yb-officer', path)
    await step('apply', 'applied')
    await step('agree', 'applied', confirmAs('yb-officer'))
    await page.locator('[data-next]', { hasText: '江北区' }).waitFor()
    await pictures('applied', path)

    await signIn(page, 'jb-officer', path)
    await step('agree', 'agreed', confirmAs('jb-officer'))
    await stage('approve', 'current')
    assert.equal(await page.locator('[data-action=approve]').count(), 0)
    await pictures('agreed', path)

    await signIn(page, 'cq-mzj', path)
    await page.locator('[data-action=approve]').waitFor()
    await step('approve', 'approved', async () => {
      await paper('关于同意移设界桩的批复', '渝民〔2026〕12号', '重庆市民政局', '2026-11-20')()
      await dialog().locator('input[name=confirmPassword]').fill((await demoAccount('cq-mzj')).password)
    })
    await stage('survey', 'current')
    await pictures('approved', path)

    await signIn(page, 'jb-officer', path)
    await page.locator('[data-survey]').click()
    await fill({ lon: marker.lon + 0.000402, lat: marker.lat + 0.000199, height: 321.62, sigma: 0.02 })
    await fill({ 'object-0': '石桥东北角', 'degrees-0': 227, 'minutes-0': 10, 'distance-0': 41.2, 'degrees-again-0': 227, 'minutes-again-0': 10, 'distance-again-0': 41.2 })
    await fill({ 'object-1': '黄葛树', 'degrees-1': 70, 'minutes-1': 0, 'distance-1': 18.6, 'degrees-again-1': 70, 'minutes-again-1': 0, 'distance-again-1': 21.6 })
    await fill({ 'object-2': '水塔', 'degrees-2': 333, 'minutes-2': 21, 'distance-2': 77.7, 'degrees-again-2': 333, 'minutes-again-2': 21, 'distance-again-2': 77.7 })
    await dialog().locator('[data-send]').click()
    await dialog().getByText('双方测得的方位物不一致').waitFor()
    browser.wrong.splice(0) // the browser reports what was refused
    await picture(page, 'marker-change-survey-1440')
    await page.setViewportSize(narrow)
    await picture(page, 'marker-change-survey-390')
    await page.setViewportSize(wide)
    await fill({ 'distance-again-1': 18.6 })
    await dialog().locator('[data-send]').click()
    await dialog().waitFor({ state: 'hidden' })
    await step('confirm-survey', 'approved', confirmAs('jb-officer'))
    await page.locator('[data-next]', { hasText: '渝北区' }).waitFor()
    await signIn(page, 'yb-officer', path)
    await step('confirm-survey', 'surveyed', confirmAs('yb-officer'))
    await stage('place', 'current')
    await pictures('surveyed', path)
    await step('place', 'placed', paper('移设界桩登记表及成果', '〔2026〕3号', '渝北区民政局', '2026-11-24'))
    await stage('file', 'current')
    await pictures('placed', path)
    const before = await get(page, `/api/markers/${marker.id}`)
    assert.deepEqual([before.lon, before.lat], [marker.lon, marker.lat])
    await step('file', 'filed', async () => {
      await paper('移设界桩备案回执', '渝民备〔2026〕7号', '重庆市民政局', '2026-11-25')()
      await dialog().locator('input[name=validFrom]').fill(new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10))
      await page.keyboard.press('Enter')
    })
    await stage('file', 'done')
    await page.locator('[data-show-history]').click()
    await page.locator('[data-history=ready]').waitFor()
    await pictures('filed', path)

    await page.goto(`${base}/markers/${marker.id}`)
    await page.locator('[data-marker-changes] [data-state=filed]').waitFor()
    await ready(page)
    await picture(page, 'marker-changes-of-marker-1440', { fullPage: true })
    const moved = await get(page, `/api/markers/${marker.id}`)
    assert.deepEqual([moved.number, moved.state, +moved.lon.toFixed(6), +moved.lat.toFixed(6)], [marker.number, 'intact', +(marker.lon + 0.000402).toFixed(6), +(marker.lat + 0.000199).toFixed(6)])
    const [record] = (await get(page, `/api/markers/${marker.id}/record`)).versions
    assert.deepEqual([record.objects.map((o) => o.name), record.plane.epsg], [['石桥东北角', '黄葛树', '水塔'], 4545])
    await page.goto(`${base}/lines`)
    await page.locator('[data-to-marker-changes]').click()
    await page.locator('[data-marker-changes] [data-state=filed]').waitFor()
    await picture(page, 'marker-change-list-1440', { fullPage: true })
    await page.setViewportSize(narrow)
    await fits(page, '/marker-changes')
    await picture(page, 'marker-change-list-390', { fullPage: true })
    assert.deepEqual(browser.wrong, [])
  }))

test('the bureau above says what righting a leaning stone is', () =>
  withPicture(page, 'measure-rule', async () => {
    await page.setViewportSize(wide)
    await signIn(page, 'yb-officer', '/marker-changes')
    await page.locator('[data-measure-rules] [data-in-force=repair]').first().waitFor()
    assert.equal(await page.locator('[data-set-rule]').count(), 0)
    await signIn(page, 'cq-mzj', '/marker-changes')
    await page.locator('[data-set-rule]').click()
    await dialog().locator('[data-counts-as=upkeep]').click()
    await dialog().locator('input[name=confirmPassword]').fill((await demoAccount('cq-mzj')).password)
    await dialog().locator('[data-send]').click()
    await dialog().getByText('请写明所依据文件的标题和文号').waitFor()
    browser.wrong.splice(0) // the browser reports what was refused
    await fill({ documentTitle: '重庆市界桩管护办法', documentNumber: '渝民发〔2026〕15号', issuedBy: '重庆市民政局' })
    await picture(page, 'measure-rule-dialog-1440')
    await dialog().locator('[data-send]').click()
    await page.locator('[data-measure-rules] [data-in-force=upkeep]').waitFor()
    await dialog().waitFor({ state: 'hidden' })
    await picture(page, 'measure-rules-1440', { fullPage: true })
    await page.setViewportSize(narrow)
    await fits(page, '/marker-changes')
    await picture(page, 'measure-rules-390', { fullPage: true })
    await page.setViewportSize(wide)
    const line = (await get(page, '/api/inspections')).items[0].line
    const marker = (await get(page, `/api/lines/${line.id}`)).markers[0]
    assert.equal((await get(page, `/api/markers/${marker.id}/work`)).rightingIsUpkeep, true)
    assert.deepEqual(browser.wrong, [])
  }))

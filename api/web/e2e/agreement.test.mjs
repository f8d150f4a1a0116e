import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, demoAccount, fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// How a line becomes law: one side drafts, both confirm the same content, the agreement is signed, the bureau above approves.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

const dialog = () => page.locator('.el-dialog:visible')
const paper = async (prefix, names) => {
  for (const [name, text] of Object.entries(names)) await dialog().locator(`input[name=${prefix}${name}]`).fill(text)
}

/** Takes a step and waits until the agreement is in the state. */
async function step(action, state, fill = async () => {}) {
  await page.locator(`[data-action="${action}"]`).click()
  await fill()
  await dialog().locator('button[type=submit]').click()
  await page.locator(`main [data-state="${state}"]`).first().waitFor()
  await dialog().waitFor({ state: 'hidden' })
}
const confirmAs = (account) => async () => {
  await dialog().locator('.el-checkbox', { has: page.locator('input[name=read]') }).click()
  await dialog().locator('input[name=confirmPassword]').fill((await demoAccount(account)).password)
}

test('an agreement that moves a tripoint names the lines that have to agree too', () =>
  withPicture(page, 'agreement-node', async () => {
    await signIn(page, 'yb-officer')
    const line = (await get(page, '/api/inspections')).items[0].line
    const node = (await get(page, `/api/lines/${line.id}/nodes`)).items.find((n) => n.lines.length > 1)
    const { geometry } = await get(page, `/ogc/collections/lines/items/${line.id}`)
    const parts = geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates
    const end = parts.flatMap((part) => [part[0], part.at(-1)]).find((p) => Math.hypot(p[0] - node.at[0], p[1] - node.at[1]) < 1e-6)
    end[0] += 0.0003
    await page.goto(`${base}/lines/${line.id}`)
    await page.locator('[data-new-agreement]').click()
    await page.locator('textarea[name=course]').fill('三交点东移，其余不变')
    await page.locator('.el-radio', { has: page.locator('input[name=given]') }).click()
    await page.locator('input[type=file]').setInputFiles({ name: '界线.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify({ type: 'MultiLineString', coordinates: parts })) })
    await page.locator('[data-file]').waitFor()
    await page.locator('[data-agreement-form] button[type=submit]').click()
    await page.getByText('各条界线都改的').first().waitFor() // moving it is not said
    browser.wrong.splice(0)
    await page.locator(`[data-node="${node.id}"] .el-checkbox`).click()
    assert.equal(Number(await page.locator('input[name^=moveLon]').inputValue()), Number(end[0].toFixed(8)))
    await page.setViewportSize(narrow)
    await fits(page, '/agreements/new')
    await picture(page, 'agreement-node-new-390', { fullPage: true })
    await page.setViewportSize(wide)
    await picture(page, 'agreement-node-new-1440', { fullPage: true })
    await page.locator('[data-agreement-form] button[type=submit]').click()
    await page.waitForURL(/\/agreements\/[0-9a-f-]{36}$/)
    const path = new URL(page.url()).pathname
    await page.locator('[data-moved] [data-other=none]').first().waitFor()
    assert.equal(await page.locator('[data-moved] [data-other=none]').count(), node.lines.length - 1)
    await ready(page)
    await picture(page, 'agreement-node-1440', { fullPage: true })
    await page.setViewportSize(narrow)
    await fits(page, path)
    await picture(page, 'agreement-node-390', { fullPage: true })
    await page.setViewportSize(wide)
    await step('withdraw', 'withdrawn')
    assert.deepEqual(browser.wrong, [])
  }))

test('an agreement is drafted, confirmed by both sides, signed, approved, and is the line', () =>
  withPicture(page, 'agreement', async () => {
    await signIn(page, 'yb-officer')
    const line = (await get(page, '/api/inspections')).items[0].line
    await page.goto(`${base}/lines/${line.id}`)
    await page.locator('[data-versions]').getByText('示意，不作为划界依据').first().waitFor()
    await page.locator('[data-new-agreement]').click()
    await page.locator('[data-agreement-form] button[type=submit]').click()
    await page.getByText('请写明界线的走向说明').waitFor() // beside its field
    assert.equal(browser.wrong.splice(0).filter((w) => !w.includes('422')).length, 0) // the browser reports what was refused
    await page.setViewportSize(narrow)
    await fits(page, '/agreements/new')
    await picture(page, 'agreement-new-390', { fullPage: true })
    await page.locator('textarea[name=course]').fill('自三交点沿山脊分水岭向东北，再沿公路中心线向东')
    await page.locator('[data-cut]').click()
    await page.locator('input[name=toKm0]').fill('9.5')
    await page.locator('input[name=followsFeature0]').fill('铁山坪')
    await page.locator('[data-agreement-form] button[type=submit]').click()
    await page.waitForURL(/\/agreements\/[0-9a-f-]{36}$/)
    const path = new URL(page.url()).pathname
    await page.locator('[data-segments]').getByText('山脊（铁山坪）').waitFor()
    await fits(page, path)
    await ready(page)
    await picture(page, 'agreement-390', { fullPage: true })
    await page.setViewportSize(wide)
    await step('propose', 'proposed')
    await step('confirm', 'proposed', confirmAs('yb-officer'))
    await page.locator('[data-confirmations] [data-confirmed=true]').waitFor()

    await signIn(page, 'jb-officer', path)
    await step('confirm', 'confirmed', confirmAs('jb-officer'))
    await step('sign', 'signed', async () => {
      await paper('', { documentTitle: '边界协议书', documentNumber: '〔2026〕1号', issuedBy: '两区人民政府' })
      await dialog().locator('button[type=submit]').click()
      await dialog().getByText('协议书缺日期').waitFor()
      browser.wrong.splice(0)
      await dialog().locator('input[name=issuedOn]').fill('2026-11-01')
      await page.keyboard.press('Enter')
    })
    await signIn(page, 'cq-mzj', path)
    await step('approve', 'in-force', async () => {
      await paper('', { documentTitle: '关于边界协议书的批复', documentNumber: '〔2026〕2号', issuedBy: '重庆市人民政府', issuedOn: '2026-11-10' })
      await page.keyboard.press('Enter')
      await paper('', { publicationTitle: '关于公布界线的通告', publicationNumber: '〔2026〕3号', publicationBy: '重庆市人民政府', publicationOn: '2026-11-12' })
      await page.keyboard.press('Enter')
      await dialog().locator('input[name=validFrom]').fill('2026-11-20')
      await page.keyboard.press('Enter')
      await dialog().locator('input[name=confirmPassword]').fill((await demoAccount('cq-mzj')).password)
      await picture(page, 'agreement-approve-1440')
    })
    await ready(page)
    await picture(page, 'agreement-1440', { fullPage: true })
    await page.goto(`${base}/lines/${line.id}`)
    await page.locator('[data-versions] [data-status=in-force]').getByText('批复').waitFor()
    await ready(page)
    await picture(page, 'line-versions-1440', { fullPage: true })
    await page.setViewportSize(narrow)
    await fits(page, `/lines/${line.id}`)
    await picture(page, 'line-versions-390', { fullPage: true })
    const [law, former] = (await get(page, `/api/lines/${line.id}/versions`)).items
    assert.deepEqual([law.legalStatus, law.segments.length, former.validTo], ['in-force', 2, '2026-11-20'])
    assert.deepEqual(browser.wrong, [])
  }))

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

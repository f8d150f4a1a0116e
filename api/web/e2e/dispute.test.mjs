import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, demoAccount, fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// A side opens a dispute on a line's page, the other side sees it and adds minutes, the bureau above both decides; nobody else knows of it.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

const dialog = () => page.locator('.el-dialog:visible')
const fill = async (fields) => {
  for (const [name, text] of Object.entries(fields)) await dialog().locator(`[name=${name}]`).fill(text)
}
const send = async () => {
  await page.keyboard.press('Tab')
  await dialog().locator('button[type=submit]').click()
}
const paper = { documentTitle: '关于争议地段的协商纪要', documentNumber: '〔2026〕5号', issuedBy: '江北、渝北两区民政局', issuedOn: '2026-11-12' }

test('a disputed segment is opened by one side, seen by the other, and decided above both', () =>
  withPicture(page, 'dispute', async () => {
    await signIn(page, 'yb-officer')
    const line = (await get(page, '/api/inspections')).items[0].line
    await page.goto(`${base}/lines/${line.id}`)
    await page.locator('[data-disputes]').getByText('登记争议').waitFor()
    await page.locator('[data-open-dispute]').click()
    await send()
    await dialog().getByText('请写明起点和终点里程').waitFor()
    await page.setViewportSize(narrow) // the end of the form is below the screen there
    await dialog().locator('.el-dialog__body').evaluate((body) => body.scrollTo(0, 0))
    await send()
    await page.waitForFunction(() => {
      const box = document.querySelector('.el-dialog [data-problem]')?.getBoundingClientRect()
      return box && box.top >= 0 && box.bottom <= innerHeight
    })
    await page.setViewportSize(wide)
    assert.equal(browser.wrong.splice(0).filter((w) => !w.includes('400')).length, 0) // the browser reports what was refused
    const ruler = dialog().locator('[data-dispute-ruler] .strip')
    const { width } = await ruler.boundingBox()
    await ruler.click({ position: { x: width * 0.6, y: 15 } })
    await ruler.click({ position: { x: width * 0.3, y: 15 } }) // the smaller chainage is the start, whichever was taken first
    const km = async (name) => Number(await dialog().locator(`input[name=${name}]`).inputValue())
    assert.ok((await km('fromKm')) > 0 && (await km('fromKm')) < (await km('toKm')), `${await km('fromKm')} to ${await km('toKm')}`)
    await fill({ fromKm: '6', toKm: '4' })
    await fill({ text: '渝北区认定界线沿铁山坪山脊，江北区认定沿山脚公路。' })
    await send()
    await dialog().getByText('应大于起点里程 6.000 公里').waitFor() // beside its field
    browser.wrong.splice(0)
    await fill({ fromKm: '2.5', toKm: '6' })
    await picture(page, 'dispute-open-1440')
    await page.setViewportSize(narrow)
    await fits(page, `/lines/${line.id}`)
    await picture(page, 'dispute-open-390')
    await page.setViewportSize(wide)
    await send()
    const dispute = page.locator('[data-dispute-state=open]')
    await dispute.getByText('K2+500 至 K6+000').waitFor()
    await page.locator('[data-dispute-legend]').waitFor()
    await page.locator('[data-versions]').getByText('有争议').first().waitFor() // what the line is in law now
    await ready(page)
    await page.evaluate(() => scrollTo(0, 0))
    await picture(page, 'dispute-line-1440')

    await signIn(page, 'jb-officer', '/lines')
    await page.locator('[data-disputed]').getByText('争议 1 件').waitFor()
    await page.goto(`${base}/?sel=line:${line.id}`)
    await page.locator('[data-details] [data-dispute-legend]').waitFor()
    await ready(page)
    await picture(page, 'dispute-map-1440')
    await page.goto(`${base}/lines/${line.id}`)
    await dispute.getByText('沿山脚公路').waitFor()
    assert.equal(await page.locator('[data-action=withdraw]').count(), 0) // what the other side opened
    await page.locator('[data-action=minute]').click()
    await fill({ ...paper, reason: '双方同意先联合测绘，再议走向。' })
    await send()
    await dispute.locator('[data-minutes]').getByText('先联合测绘').waitFor()
    await page.setViewportSize(narrow)
    await ready(page)
    await fits(page, `/lines/${line.id}`)
    await page.locator('[data-dispute-legend]').scrollIntoViewIfNeeded()
    await picture(page, 'dispute-map-390')
    await dispute.locator('[data-minutes]').scrollIntoViewIfNeeded()
    await picture(page, 'dispute-line-390')
    await page.setViewportSize(wide)

    await signIn(page, 'cq-mzj', '/disputes')
    await page.locator('[data-register]').getByText(line.name).first().waitFor()
    await picture(page, 'dispute-register-1440', { fullPage: true })
    await page.setViewportSize(narrow)
    await fits(page, '/disputes')
    await picture(page, 'dispute-register-390', { fullPage: true })
    await page.setViewportSize(wide)
    await page.goto(`${base}/lines/${line.id}`)
    await page.locator('[data-action=settle]').click()
    await fill({ ...paper, documentTitle: '关于争议地段的裁决' })
    await page.keyboard.press('Enter')
    await dialog().locator('input[name=confirmPassword]').fill((await demoAccount('cq-mzj')).password)
    await send()
    await page.locator('[data-dispute-state=settled] [data-decision]').first().getByText('关于争议地段的裁决').waitFor()
    await page.locator('[data-dispute-legend]').waitFor({ state: 'detached' })
    await ready(page)
    await page.locator('[data-disputes]').scrollIntoViewIfNeeded()
    await picture(page, 'dispute-settled-1440')
    const [settled] = (await get(page, `/api/disputes?line=${line.id}`)).items
    assert.deepEqual([settled.state, settled.fromM, settled.toM, settled.minutes.length], ['settled', 2500, 6000, 1])
    assert.deepEqual(browser.wrong, [])
  }))

test('an agreement says which disputes it settles, and is warned of those it passes over', () =>
  withPicture(page, 'dispute-agreement', async () => {
    await signIn(page, 'yb-officer')
    const line = (await get(page, '/api/inspections')).items[0].line
    await page.goto(`${base}/lines/${line.id}`)
    await page.locator('[data-open-dispute]').click()
    await dialog().locator('.el-radio', { has: page.locator('input[name=whole]') }).click()
    await fill({ text: '全线走向以谁的图为准' })
    await send()
    await page.locator('[data-dispute-state=open]').getByText('全线，').waitFor()
    await page.locator('[data-new-agreement]').click()
    const settles = page.locator('[data-settles] .el-checkbox')
    await settles.click()
    await page.locator('textarea[name=course]').fill('自三交点沿山脊分水岭向东北')
    await page.setViewportSize(narrow)
    await fits(page, '/agreements/new')
    await settles.scrollIntoViewIfNeeded()
    await picture(page, 'dispute-agreement-new-390')
    await page.setViewportSize(wide)
    await page.locator('[data-agreement-form] button[type=submit]').click()
    await page.waitForURL(/\/agreements\/[0-9a-f-]{36}$/)
    await page.locator('[data-settled]').getByText('争议中').waitFor()
    assert.equal(await page.locator('[data-code=dispute-open]').count(), 0)
    await page.locator('[data-edit]').click()
    await settles.click()
    await page.locator('[data-agreement-form] button[type=submit]').click()
    const warned = page.locator('[data-code=dispute-open]')
    await warned.getByText('没有写明解决它').waitFor()
    await warned.scrollIntoViewIfNeeded()
    await picture(page, 'dispute-agreement-1440')
    await page.locator('[data-action=withdraw]').click()
    await send()
    await page.locator('main [data-state=withdrawn]').first().waitFor()
    await page.goto(`${base}/lines/${line.id}`)
    await page.locator('[data-dispute-state=open] [data-action=withdraw]').click()
    await fill({ reason: '双方已核对旧图' })
    await send()
    await page.locator('[data-dispute-state=withdrawn]').getByText('双方已核对旧图').first().waitFor()
    assert.deepEqual(browser.wrong, [])
  }))

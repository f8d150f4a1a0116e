import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// The check desk: the place is picked on the map, moved and cleared there; what the name collides with is drawn with numbers, and what is
// lit on the map is lit among the findings; each finding says its rule and sets readings beside each other.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())

async function choose(name, text) {
  await page.locator(`input[name=${name}]`).click()
  await page.locator(`input[name=${name}]`).fill(text)
  await page.locator('.el-select-dropdown:visible [data-hit]', { hasText: text }).first().click()
}
async function category(c) {
  await page.locator('.el-select', { has: page.locator('input[name=category]') }).click()
  await page.locator(`.el-select-dropdown:visible [data-category=${c}]`).click()
}
const findings = () => page.locator('[data-findings] > li')
const map = (state = '') => page.locator(`[data-name-map]${state}`)
const canvas = () => map().locator('.maplibregl-canvas')
const lon = () => page.locator('input[name=lon]')
const idle = () => map().locator('[data-idle=true]').waitFor({ timeout: 30_000 })

/** Where the map is: its middle and its zoom. */
async function at() {
  const [x, y, zoom] = (await map().locator('[data-at]').getAttribute('data-at')).split(',').map(Number)
  return { x, y, zoom }
}

/** A place of the screen, so many pixels right of and below the middle of the map. */
async function spot(right = 0, below = 0) {
  await canvas().scrollIntoViewIfNeeded()
  const box = await canvas().boundingBox()
  return [box.x + box.width / 2 + right, box.y + box.height / 2 + below]
}

test('the place is picked on the map, what collides is drawn there, and a finding and its number light each other', () =>
  withPicture(page, 'name-desk', async () => {
    await signIn(page, 'yb-clerk', '/names?tab=check')
    await choose('division', '重庆市')
    await category('division')
    await page.locator('input[name=name]').fill('愈北区')
    await map('[data-drawn="1"]').waitFor()
    await idle()
    const homophone = page.locator('[data-findings] > [data-code=homophone]')
    const words = await homophone.innerText()
    for (const says of ['《地名管理条例》', '愈', '渝', 'yù', 'yú', '声调不同', '规则不计声调', '一般、避免', '已核对原文']) assert.ok(words.includes(says), `${says} in ${words}`)
    assert.doesNotMatch(words, /公里/) // there is no place yet to measure from

    const place = (await get(page, '/api/search?q=%E6%B8%9D%E5%8C%97%E5%8C%BA')).items.find((h) => h.kind === 'place')
    const read = await get(page, `/api/places/${place.id}`)
    const shown = await at()
    assert.ok(Math.abs(shown.x - read.lon) < 0.01 && Math.abs(shown.y - read.lat) < 0.01, `the map shows ${JSON.stringify(shown)} for ${read.lon}, ${read.lat}`)
    assert.equal(await homophone.locator('.evidence a').getAttribute('href'), `/places/${place.id}`)

    await page.mouse.click(...(await spot())) // on the number
    await map(`[data-lit="${place.id}"]`).waitFor()
    await page.locator('[data-findings] > .lit[data-code=homophone]').waitFor()
    assert.equal(await lon().inputValue(), '')

    await page.mouse.click(...(await spot(-120, 60))) // beside it
    await homophone.getByText('公里').first().waitFor()
    const picked = Number(await lon().inputValue())
    assert.ok(picked < read.lon && picked > read.lon - 1, `picked ${picked}`)
    await page.mouse.move(...(await spot(-120, 60)))
    await page.mouse.down()
    await page.mouse.move(...(await spot(-60, 60)), { steps: 5 })
    await page.mouse.move(...(await spot(60, 60)), { steps: 5 })
    await page.mouse.up()
    await page.waitForFunction((was) => Number(document.querySelector('input[name=lon]').value) > was, read.lon)
    assert.deepEqual(await at(), shown) // the map stayed where it was
    await ready(page)
    await page.evaluate(() => scrollTo(0, 0))
    const top = async (what) => (await page.locator(what).boundingBox()).y
    const form = (await page.locator('.desk > *').first().boundingBox()).y
    assert.equal(await top('#name-result'), form) // side by side
    await page.evaluate(() => scrollTo(0, 600))
    const below = await top('#name-result')
    assert.ok(below >= 0 && below < 200, `what is found stands ${below} px below the top while the facts are filled in`)
    await page.evaluate(() => scrollTo(0, 0))
    await picture(page, 'name-desk-1440')
    await page.locator('[data-clear-point]').click()
    await homophone.getByText('公里').first().waitFor({ state: 'detached' })
    assert.equal(await lon().inputValue(), '')

    await page.locator('input[name=name]').fill('南安区')
    await findings().filter({ hasText: '南岸区' }).first().waitFor()
    await map('[data-drawn="1"]:not([data-lit])').waitFor()
    await page.locator('[data-number]').first().click()
    const { id } = (await get(page, '/api/search?q=%E5%8D%97%E5%B2%B8%E5%8C%BA')).items.find((h) => h.kind === 'place')
    await map(`[data-lit="${id}"]`).waitFor()
    await page.locator('[data-number][aria-pressed=true]').waitFor()

    const opens = page.waitForEvent('popup') // beside, for the draft must stay
    await page.locator('[data-findings] [data-rule] a').first().click()
    const rule = await opens
    await rule.locator('[data-rule="N9.7-division-homophone"].asked').waitFor()
    assert.match(rule.url(), /\/rule-packs\/national-2022#N9\.7-division-homophone$/)
    await rule.close()
    assert.equal(await page.locator('input[name=name]').inputValue(), '南安区')
    assert.deepEqual(browser.wrong, [])
  }))

test('a place outside of the division is said, and the verdict stands right under the name on a narrow screen', () =>
  withPicture(page, 'name-desk-narrow', async () => {
    await signIn(page, 'yb-clerk', '/names?tab=check')
    await page.setViewportSize(narrow)
    await choose('division', '渝北区')
    await page.locator('input[name=name]').fill('翠屏M5大道')
    await page.locator('[data-verdict-line]').waitFor()
    assert.ok((await page.locator('[data-verdict-line]').boundingBox()).y < narrow.height)
    assert.equal(await findings().first().getAttribute('class'), 'block')
    await lon().fill('108.4')
    await page.locator('input[name=lat]').fill('30.8')
    await page.locator('[data-findings] > [data-code=outside-division]').waitFor()
    await idle()
    await fits(page, '/names')
    await picture(page, 'name-desk-390', { fullPage: true })
    await page.setViewportSize(wide)
    assert.deepEqual(browser.wrong, [])
  }))

test('a proposal takes its place from the map, and is judged as it is written', () =>
  withPicture(page, 'proposal-desk', async () => {
    await signIn(page, 'yb-clerk', '/proposals/new')
    await choose('division', '渝北区')
    await page.locator('input[name=name]').fill('翠屏大道')
    await page.locator('[data-findings] > [data-code=insufficient-data]').waitFor()
    await idle()
    await page.mouse.click(...(await spot(20, 10)))
    await page.waitForFunction(() => document.querySelector('input[name=lat]').value !== '')
    const [x, y] = [Number(await lon().inputValue()), Number(await page.locator('input[name=lat]').inputValue())]
    const shown = await at()
    assert.ok(Math.hypot(x - shown.x, y - shown.y) < 1, `picked ${x}, ${y} on a map at ${JSON.stringify(shown)}`)
    await picture(page, 'proposal-new-1440', { fullPage: true })
    assert.deepEqual(browser.wrong, [])
  }))

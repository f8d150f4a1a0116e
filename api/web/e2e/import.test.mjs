import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { demoAccount, fits, get, narrow, open, picture, signIn, wide, withPicture } from './browser.mjs'

// A clerk of a county hands in a list of places, says what its columns are, and decides the row that looks like a place of the
// record; an approver of the municipality writes it. Of the five rows one is the same, one moves a place, one is doubtful, one
// new, and one of another county.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())

const state = (name) => page.locator(`[data-import][data-state="${name}"]`).waitFor({ timeout: 20_000 })
const rowsOf = async (verdict) => Number((await page.locator(`[data-tiles] [data-verdict="${verdict}"] b`).innerText()).replace(/\D/g, ''))
const some = (letters) => letters[Math.floor(Math.random() * letters.length)]

/** Three villages of 大湾镇, one of them with a letter that has a traditional form, and the list about them. */
async function list() {
  const { features } = await get(page, '/ogc/collections/places/items?category=village-committee&divisionCode=500112135&limit=100')
  const like = features.find((f) => f.properties.name.includes('龙'))
  const [same, moved] = features.filter((f) => f !== like && !f.geometry)
  const fresh = `试${some('禾木水火土石')}${some('东南西北上下')}${some('坪坝湾沟岭坡')}`
  const row = (f, name, at = ',') => [name, '居委会驻地', f.properties.divisionCode, at, ''].join(',')
  const text = [
    '标准名称,地名类别,区划代码,经度,纬度,调查备注',
    row(same, same.properties.name),
    row(moved, moved.properties.name, `106.72${Math.floor(Math.random() * 1e5)},29.95`),
    row(like, like.properties.name.replace('龙', '龍')),
    `${fresh},自然村,${same.properties.divisionCode},106.73,29.96,新调查`,
    `${fresh}头,自然村,500105001,,,`,
  ].join('\n')
  return { like, fresh, file: { name: '普查成果.csv', mimeType: 'text/csv', buffer: Buffer.from(text) } }
}

test('a list of places is handed in, checked, decided and written', () =>
  withPicture(page, 'import', async () => {
    await signIn(page, 'yb-clerk', '/names')
    await page.locator('[data-imports]').click()
    await page.locator('[data-hand-in]').waitFor()
    const { like, fresh, file } = await list()
    await page.locator('input[type=file]').setInputFiles(file)
    await state('open')
    const path = new URL(page.url()).pathname

    await page.locator('nav').getByRole('link', { name: '导入地名' }).click()
    await page.locator('[data-hand-in]').waitFor()
    await page.locator('input[type=file]').setInputFiles(file)
    await page.locator('[data-again]').waitFor()
    assert.equal(new URL(page.url()).pathname, path)

    assert.equal(await page.locator('[data-heading="标准名称"] select').inputValue(), 'name')
    assert.equal(await page.locator('[data-heading="调查备注"]').getAttribute('data-standing'), 'open')
    assert.ok(await page.locator('[data-judge]').isDisabled())
    await page.locator('[data-heading="调查备注"] select').selectOption('-')
    await page.locator('select[name=frame]').selectOption('4490')
    await page.locator('[data-judge]').click()
    await state('judged')
    for (const [verdict, n] of Object.entries({ same: 1, changed: 1, twin: 1, new: 1, refused: 1, aside: 0 })) assert.equal(await rowsOf(verdict), n, verdict)

    const doubtful = page.locator('[data-rows] [data-row="3"]')
    await doubtful.locator('[data-twin]').getByText(like.properties.name, { exact: true }).waitFor()
    await doubtful.locator('[data-same]').click()
    await page.locator('[data-next][data-waits="pending"]').waitFor()
    await doubtful.locator('[data-decision]').waitFor()
    await page.locator('[data-judge-again]').click()
    await page.locator('[data-next][data-waits="blocked"]').waitFor({ timeout: 20_000 })
    assert.equal(await rowsOf('twin'), 0)

    await page.locator('[data-to-refused]').click()
    await page.waitForURL(/verdict=refused/)
    await page.locator('[data-rows] [data-row="5"]').getByText('不在本单位辖区之内').waitFor()
    await page.locator('[data-leave-refused]').click()
    await page.locator('[data-next][data-waits="approver"]').waitFor({ timeout: 20_000 })
    assert.equal(await page.locator('[data-commit]').count(), 0)

    await signIn(page, 'cq-approver', '/imports')
    await page.locator(`[data-import="${path.split('/').at(-1)}"]`).click()
    await page.locator('[data-commit]').click()
    const dialog = page.locator('.el-dialog:visible')
    assert.match(await dialog.locator('[data-figures]').innerText(), /新增 1 处，变更 1 处/)
    await dialog.locator('[name=confirmPassword]').fill((await demoAccount('cq-approver')).password)
    await dialog.locator('[data-send]').click()
    await state('committed')
    assert.match(await page.locator('[data-committed]').innerText(), /新增 1 处，变更 1 处/)

    await page.setViewportSize(narrow)
    await page.locator('[data-verdict="new"]').first().click()
    await page.locator('[data-rows] [data-row="4"] [data-place]').waitFor()
    await fits(page, path)
    await picture(page, 'import-390', { fullPage: true })
    const place = (await page.locator('[data-rows] [data-row="4"] [data-place]').getAttribute('href')).split('/').at(-1)
    assert.equal((await get(page, `/api/places/${place}`)).name, fresh)
    await page.setViewportSize(wide)
    assert.deepEqual(browser.wrong, [])
  }))

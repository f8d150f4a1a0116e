import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, demoAccount, get, open, ready, signIn, withPicture } from './browser.mjs'

// Work done through the pages: a naming case from its form to its approval, and a report signed by both sides.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

const dialog = () => page.locator('.el-dialog:visible')

/** Takes an action of the open page: its button, what its dialog asks for, and waits until the dialog is gone. */
async function act(name, fill = async () => {}) {
  await page.locator(`[data-action="${name}"]`).click()
  await dialog().waitFor()
  await fill()
  await dialog().locator('button[type=submit]').click()
  await dialog().waitFor({ state: 'hidden' })
}

/** Gives the account's password again, as signing and approving ask for. */
async function confirm(account) {
  await page.locator('input[name=confirmPassword]').fill((await demoAccount(account)).password)
}

/** A street name nobody has yet, of characters anybody knows. */
function newName() {
  const characters = [...'云岭松鹤翠湖星桥玉泉锦屏']
  const pick = () => characters[Math.floor(Math.random() * characters.length)]
  return `${pick()}${pick()}${pick()}${pick()}路`
}

test('a naming case goes from its form to a standard name', () =>
  withPicture(page, 'proposal', async () => {
    const name = newName()
    await signIn(page, 'yb-clerk', '/proposals/new')
    await page.locator('input[name=name]').fill(name)
    await page.locator('input[name=division]').click()
    await page.locator('input[name=division]').fill('渝北区')
    await page.locator('.el-select-dropdown:visible [data-hit]').first().click()
    await page.locator('textarea[name=reason]').fill('新建道路，取意山水')
    await page.locator('[data-proposal] button[type=submit]').click()
    await page.waitForURL(/\/proposals\/[0-9a-f-]{36}$/)
    const path = new URL(page.url()).pathname
    await act('accept')
    for (const seat of ['seat-1', 'seat-2']) {
      await signIn(page, seat, path)
      await act('vote')
    }
    await signIn(page, 'cq-mzj', path)
    await act('approve', async () => {
      await page.locator('input[name=documentTitle]').fill('关于道路命名的批复')
      await page.locator('input[name=documentNumber]').fill('渝民〔2026〕1号')
      await confirm('cq-mzj')
    })
    await page.getByText('已批准').first().waitFor()
    assert.equal((await get(page, `/api${path}`)).state, 'approved')
    await page.goto(`${base}/names?q=${encodeURIComponent(name)}`)
    await page.locator('[data-hits]').getByText(name).waitFor()
    assert.deepEqual(browser.wrong, [])
  }))

test('both sides sign the same bytes', () =>
  withPicture(page, 'signing', async () => {
    await signIn(page, 'jb-mzj', '/inspections')
    const { id } = (await get(page, '/api/inspections')).items[0]
    const path = `/inspections/${id}`
    await page.goto(base + path)
    await ready(page)
    await act('compile', () => page.locator('textarea[name=reason]').fill('按最新资料编制'))
    const digest = (await get(page, `/api${path}`)).reportSha256
    for (const side of ['jb-mzj', 'yb-mzj']) {
      await signIn(page, side, path)
      await act('sign', async () => {
        assert.equal(await page.locator('[data-sha256]').innerText(), digest)
        await dialog().locator('.el-checkbox').click()
        await confirm(side)
      })
    }
    const round = await get(page, `/api${path}`)
    const valid = round.signatures.filter((s) => !s.voidedAt)
    assert.deepEqual(valid.map((s) => s.contentSha256), [digest, digest])
    await page.goto(`${base}/api${path}/report`)
    assert.ok((await page.locator('body').innerText()).includes(digest.slice(0, 16)))
    assert.deepEqual(browser.wrong, [])
  }))

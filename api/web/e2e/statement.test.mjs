import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, demoAccount, fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// A name that only a person clears: applied for with an explanation, refused while nobody cleared it, cleared with a reason that the
// committee reads, and approved.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

const dialog = () => page.locator('.el-dialog:visible')

async function act(name, fill = async () => {}) {
  await page.locator(`[data-action="${name}"]`).click()
  await dialog().waitFor()
  await fill()
  await dialog().locator('button[type=submit]').click()
}

async function approve() {
  await act('approve', async () => {
    await page.locator('input[name=documentTitle]').fill('关于道路命名的批复')
    await page.locator('input[name=documentNumber]').fill('渝民〔2026〕7号')
    await page.locator('input[name=confirmPassword]').fill((await demoAccount('cq-mzj')).password)
  })
}

async function say(name, reason) {
  await page.locator(name).first().click()
  await dialog().waitFor()
  await dialog().locator('textarea[name=statement]').fill(reason)
}

/** A specific nobody has yet, of characters anybody knows. */
function specific() {
  const characters = [...'松翎鹤岚屏翠湖云岭星玉泉锦溪']
  const pick = () => characters[Math.floor(Math.random() * characters.length)]
  return `${pick()}翎${pick()}`
}

test('a name that only a person clears is explained, cleared, voted on and approved', () =>
  withPicture(page, 'statement', async () => {
    const part = specific()
    await signIn(page, 'applicant', '/proposals/new')
    await page.locator('input[name=name]').fill(`${part}路`)
    await page.locator('input[name=division]').click()
    await page.locator('input[name=division]').fill('渝北区')
    await page.locator('.el-select-dropdown:visible [data-hit]').first().click()
    await page.locator('textarea[name=meaning]').fill(`${part}，相传为山中人物`)
    await page.locator('textarea[name=reason]').fill('新建道路，取意山水')
    await page.locator('[data-proposal] button:not([type=submit])').last().click()
    await page.locator(`textarea[name="explain-${part}"]`).fill('松与翎，形容山势；查无此人')
    await picture(page, 'statement-apply')
    await page.locator('[data-proposal] button[type=submit]').click()
    await page.waitForURL(/\/proposals\/[0-9a-f-]{36}$/)
    const path = new URL(page.url()).pathname
    await page.locator('[data-said=explain]').first().getByText('查无此人').waitFor()
    assert.equal(await page.locator('[data-say=clear]').count(), 0, 'who applied cannot clear')
    await signIn(page, 'yb-clerk', path)
    await act('accept')
    await page.locator('[data-action=accept]').waitFor({ state: 'detached' })

    await signIn(page, 'seat-1', path)
    await page.locator('[data-before-vote] [data-missing]').waitFor()
    assert.equal(await page.locator('[data-say]').count(), 0, 'a seat has no say')
    await act('vote')
    await dialog().waitFor({ state: 'hidden' })
    await signIn(page, 'seat-2', path)
    await act('vote')
    await dialog().waitFor({ state: 'hidden' })

    await signIn(page, 'cq-mzj', path)
    await approve()
    await dialog().locator('[data-code=statement-missing]').waitFor()
    await picture(page, 'statement-missing')
    await dialog().getByText('取消').click()
    assert.equal((await get(page, `/api${path}`)).state, 'resolved')

    await signIn(page, 'yb-clerk', path)
    await say('[data-say=clear]', '志书和户籍档案均查无此人，“翎”形容山势')
    await picture(page, 'statement-dialog')
    await page.setViewportSize(narrow)
    await fits(page, 'the dialog of a statement')
    await picture(page, 'statement-dialog-390')
    await page.setViewportSize(wide)
    await dialog().locator('button[type=submit]').click()
    await page.locator('[data-said=clear][data-in-force=true]').first().getByText('均查无此人').waitFor()
    assert.equal(await page.locator('[data-missing]').count(), 0)

    await page.locator('[data-trial] .el-select').click()
    await page.locator('.el-select-dropdown:visible [data-pack=chengdu-2025]').click()
    await page.locator('[data-trial] button[type=submit]').click()
    await page.locator('[data-tried] [data-side=other]').waitFor()
    await picture(page, 'statement-case')
    await page.setViewportSize(narrow)
    await fits(page, path)
    await picture(page, 'statement-case-390')
    const [own, other] = [await page.locator('[data-side=own]').boundingBox(), await page.locator('[data-side=other]').boundingBox()]
    assert.ok(other.y >= own.y + own.height, 'the two packs stand below each other')
    await page.setViewportSize(wide)

    await say('[data-withdraw]', '再查一次')
    await dialog().locator('button[type=submit]').click()
    await page.locator('[data-missing]').first().waitFor()
    await say('[data-say=clear]', '再查无误')
    await dialog().locator('button[type=submit]').click()
    await page.locator('[data-said=clear][data-in-force=true]').first().getByText('再查无误').waitFor()

    await signIn(page, 'seat-3', path)
    await page.locator('[data-before-vote]').getByText('再查无误').waitFor()
    await page.locator('[data-show-history]').click()
    await page.locator('[data-history=ready]').getByText('审核单位认定').first().waitFor()
    await picture(page, 'statement-history')
    await signIn(page, 'cq-mzj', path)
    await approve()
    await page.getByText('已批准').first().waitFor()
    assert.equal((await get(page, `/api${path}`)).state, 'approved')
    await page.goto(`${base}/names?q=${encodeURIComponent(`${part}路`)}`)
    await ready(page)
    await page.locator('[data-hits]').getByText(`${part}路`).waitFor()
    assert.deepEqual(browser.wrong.filter((w) => !w.includes('422')), [])
  }))

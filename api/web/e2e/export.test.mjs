import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { base, get, open, ready, signIn, withPicture } from './browser.mjs'

// An office takes the places of a division out as the page shows it; who may not is not offered it.

let browser
before(async () => {
  browser = await open()
})
after(async () => {
  await browser.close()
  assert.deepEqual(browser.wrong, [])
})

test('a bureau exports the places of a division as a file', async () => {
  const { page } = browser
  await withPicture(page, 'export', async () => {
    await signIn(page, 'applicant', '/search?q=龙')
    assert.equal(await page.locator('[data-export-open]').count(), 0)
    await signIn(page, 'yb-mzj')
    const { items } = await get(page, '/api/suggest?q=渝北区')
    const division = items.find((h) => h.divisionId)
    await page.goto(`${base}/divisions/${division.divisionId}`)
    await ready(page)
    await page.locator('[data-export-open]').click()
    await page.getByText('GeoJSON', { exact: true }).click()
    const coming = page.waitForEvent('download')
    await page.locator('[data-start]').click()
    const file = await coming
    assert.match(file.suggestedFilename(), /^places-\d{4}-\d{2}-\d{2}\.geojson$/)
    const { features } = JSON.parse(await readFile(await file.path(), 'utf8'))
    assert.ok(features.some((f) => f.properties.divisionName === division.name))
    await page.locator('[data-done]').waitFor()
  })
})

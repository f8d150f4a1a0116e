import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { base, get, narrow, open, out, ready, signIn, wide } from './browser.mjs'

// Pictures of every page at both widths into e2e/out, to be looked at, and the one of the README.
// With --readme only that one is made.

const readme = fileURLToPath(new URL('../../../.github/desk.jpg', import.meta.url))
const onlyReadme = process.argv.includes('--readme')

async function pathsOf(page) {
  const [lines, rounds, proposals, tracks, claims, places, divisions] = await Promise.all(
    ['/api/lines?limit=1', '/api/inspections', '/api/proposals', '/api/tracks', '/api/claims', '/ogc/collections/places/items?limit=1', '/api/suggest?q=渝北区'].map((p) => get(page, p)),
  )
  const line = rounds.items[0]?.line.id ?? lines.items[0].id
  const one = (name, list, path) => (list.length ? [[name, `${path}/${list[0].id}`]] : [])
  return [
    ['map', '/'],
    ['map-line', `/?sel=line:${line}`],
    ['map-city', '/?at=106.56,29.6,11'],
    ['map-near', '/?at=106.56,29.6,14'],
    ['lines', '/lines'],
    ['agreements', '/agreements'],
    ['line', `/lines/${line}`],
    ['coverage', `/lines/${line}/coverage`],
    ['inspections', '/inspections'],
    ...one('inspection', rounds.items, '/inspections'),
    ['names', '/names?q=朝天门'],
    ['search', '/search?q=%E9%BE%99&category=division'],
    ['name-check', '/names?tab=check'],
    ['readings', '/readings'],
    ['proposals', '/proposals'],
    ['proposal-new', '/proposals/new'],
    ...one('proposal', proposals.items, '/proposals'),
    ['tracks', '/tracks'],
    ...one('track', tracks.items, '/tracks'),
    ...one('track-held', tracks.items.filter((t) => t.state === 'held'), '/tracks'),
    ['assignments', '/assignments'],
    ['claims', '/claims'],
    ['claim-new', `/claims/new?line=${line}`],
    ...one('claim', claims.items, '/claims'),
    ['account', '/account'],
    ...one('place', places.features, '/places'),
    ...divisions.items.filter((h) => h.divisionId).slice(0, 1).map((h) => ['division', `/divisions/${h.divisionId}`]),
    ['absent', '/no/such/page'],
  ]
}

/** What an administrator sees besides. */
async function administratorPaths(page) {
  const { items } = await get(page, '/api/accounts?limit=1')
  return [['accounts', '/accounts'], ['account-one', `/accounts/${items[0].id}`], ['access', '/accounts/access'], ['offices', '/offices'], ['password', '/account/password']]
}

async function shootAll(page, paths) {
  for (const size of [wide, narrow]) for (const [name, path] of paths) await shoot(page, name, path, size, '')
}

async function shoot(page, name, path, size, suffix) {
  await page.setViewportSize(size)
  await page.goto(base + path)
  await ready(page)
  await page.waitForFunction(() => [...document.querySelectorAll('[data-idle]')].every((m) => m.dataset.idle === 'true'), null, { timeout: 20_000 })
  await page.screenshot({ path: join(out, `${name}-${size.width}${suffix}.png`), fullPage: !name.startsWith('map') })
}

/** The upload of a line, which is a dialog. */
async function shootUpload(page, path) {
  for (const size of [wide, narrow]) {
    await page.setViewportSize(size)
    await page.goto(base + path)
    await ready(page)
    await page.locator('main [data-upload]').click()
    await page.locator('.el-dialog:visible input[type=file]').waitFor({ state: 'attached' })
    await page.screenshot({ path: join(out, `upload-${size.width}.png`) })
  }
}

async function readmePicture(page) {
  await page.context().clearCookies()
  await page.goto(`${base}/sign-in`)
  await page.evaluate(() => localStorage.clear())
  await page.setViewportSize({ width: 1200, height: 750 })
  await page.goto(`${base}/?at=106.95,29.62,8.6`)
  await ready(page)
  await page.screenshot({ path: readme, type: 'jpeg', quality: 78 })
}

const browser = await open()
try {
  await mkdir(out, { recursive: true })
  await mkdir(join(readme, '..'), { recursive: true })
  const { page } = browser
  if (!onlyReadme) {
    await page.goto(`${base}/sign-in`)
    await ready(page)
    for (const size of [wide, narrow]) await shoot(page, 'sign-in', '/sign-in', size, '')
    await signIn(page, 'yb-mzj')
    const paths = await pathsOf(page)
    await shootAll(page, paths)
    await shootUpload(page, paths.find(([name]) => name === 'line')[1])
    await signIn(page, 'cq-mzj')
    await shootAll(page, await administratorPaths(page))
    await signIn(page, 'yb-mzj', '/lines')
    await page.locator('[data-language]').evaluate((b) => b.click())
    for (const [name, path] of paths) await shoot(page, name, path, wide, '-en')
  }
  await readmePicture(page)
} finally {
  await browser.close()
}

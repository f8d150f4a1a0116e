import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import ts from 'typescript'

const module = async (path) => {
  const code = readFileSync(new URL(`../src/${path}.ts`, import.meta.url), 'utf8')
  const js = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText
  return import(`data:text/javascript,${encodeURIComponent(js)}`)
}
const { checkedBy, partition, lengths, daysOf, daysAt, classes } = await module('desk/coverage/coverage')
const { along, metresBetween } = await module('map/along')

const row = (fromM, toM, kind = 'walked', walkedOn = '2026-04-14') => ({ fromM, toM, class: kind, walkedOn })

test('the best class counts, what is walked twice counts once, and the rest is not checked', () => {
  const got = partition(1000, [row(100, 400), row(300, 500), row(450, 700, 'viewed'), row(650, 800, 'imagery')])
  assert.deepEqual(got, [
    { fromM: 0, toM: 100, class: 'not-checked' },
    { fromM: 100, toM: 500, class: 'walked' },
    { fromM: 500, toM: 700, class: 'viewed' },
    { fromM: 700, toM: 800, class: 'imagery' },
    { fromM: 800, toM: 1000, class: 'not-checked' },
  ])
  assert.deepEqual(partition(1000, []), [{ fromM: 0, toM: 1000, class: 'not-checked' }])
  assert.deepEqual(partition(1000, [row(-5, 1200)]), [{ fromM: 0, toM: 1000, class: 'walked' }])
})

test('the classes of any stretches part the line and add up to its length', () => {
  let seed = 20261128
  const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31
  for (let n = 0; n < 300; n++) {
    const lengthM = Math.round(random() * 6e7) / 1000 + 1
    const rows = Array.from({ length: Math.floor(random() * 20) }, () => {
      const fromM = random() * lengthM
      return row(fromM, fromM + random() * lengthM, classes[Math.floor(random() * 4)])
    })
    const got = partition(lengthM, rows)
    assert.equal(got[0].fromM, 0)
    assert.equal(got.at(-1).toM, lengthM)
    got.slice(1).forEach((s, i) => assert.ok(s.fromM === got[i].toM && s.class !== got[i].class))
    const sum = Object.values(lengths(got)).reduce((a, b) => a + b)
    assert.ok(Math.abs(sum - lengthM) < 1e-6, `${sum} of ${lengthM}`)
    const m = random() * lengthM
    const best = classes.find((c) => rows.some((r) => r.class === c && r.fromM <= m && m <= r.toM)) ?? 'not-checked'
    assert.equal(got.find((s) => s.fromM <= m && m <= s.toM).class, best)
  }
})

test('days come newest first, tracks without a time last', () => {
  const rows = [row(0, 100, 'walked', '2026-04-14'), row(50, 150, 'walked', '2026-04-14'), row(0, 10, 'walked', null), row(100, 300, 'viewed', '2026-05-01')]
  assert.deepEqual(daysOf(1000, rows).map((d) => [d.day, d.lengths.walked, d.lengths.viewed]), [['2026-05-01', 0, 200], ['2026-04-14', 150, 0], ['', 10, 0]])
  assert.deepEqual(daysOf(1000, rows).map((d) => checkedBy(d.lengths)), [['viewed'], ['walked'], ['walked']])
  assert.deepEqual(checkedBy(lengths([])), ['walked'])
  assert.deepEqual(daysAt(rows, 105), ['2026-05-01', '2026-04-14'])
  assert.deepEqual(daysAt(rows, 900), [])
})

test('a line is measured along its parts, and a place is found where it was measured', () => {
  const parts = [[[106, 29.5], [106.1, 29.5], [106.1, 29.6]], [[106.2, 29.6], [106.3, 29.6]]]
  const a = along({ type: 'MultiLineString', coordinates: parts }, 30_600)
  assert.deepEqual(a.at(0), [106, 29.5])
  assert.ok(metresBetween(a.at(30_600), [106.3, 29.6]) < 0.01)
  const all = a.between(0, 30_600)
  assert.equal(all.length, 2)
  assert.deepEqual(all.map((p) => p.length), [3, 2])
  for (let m = 0; m <= 30_600; m += 765) {
    const got = a.nearest(...a.at(m))
    assert.ok(got.distanceM < 0.01)
    assert.ok(Math.abs(got.m - m) < 0.01 || metresBetween(a.at(got.m), a.at(m)) < 0.01, `${got.m} for ${m}`)
  }
  assert.deepEqual(a.between(5, 5), [])
})

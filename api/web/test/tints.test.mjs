import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import ts from 'typescript'

const source = (name) => `data:text/javascript,${encodeURIComponent(js(name))}`
const js = (name) => ts.transpileModule(readFileSync(new URL(`../src/map/${name}.ts`, import.meta.url), 'utf8'), { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText
const { tintsOf } = await import(`data:text/javascript,${encodeURIComponent(js('tints').replace(/'\.\/anchor'/, JSON.stringify(source('anchor'))))}`)

/** Bricks laid in rows, each row half a brick further: every brick inside touches six others. */
function bricks(rows, columns) {
  const areas = []
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const [x, y] = [c * 0.2 + (r % 2) * 0.1, r * 0.1]
      areas.push({ id: `${r}/${c}`, r, x, geometry: { type: 'Polygon', coordinates: [[[x, y], [x + 0.2, y], [x + 0.2, y + 0.1], [x, y + 0.1], [x, y]]] } })
    }
  }
  return areas
}

test('areas that touch have different tints, and all tints are used', () => {
  const areas = bricks(12, 12)
  const tints = tintsOf(areas)
  let touching = 0
  for (const a of areas) {
    for (const b of areas) {
      const beside = a.r === b.r ? Math.abs(a.x - b.x) < 0.21 : Math.abs(a.r - b.r) === 1 && Math.abs(a.x - b.x) < 0.19
      if (a === b || !beside) continue
      touching++
      assert.notEqual(tints.get(a.id), tints.get(b.id), `${a.id} and ${b.id}`)
    }
  }
  assert.ok(touching > 600)
  assert.deepEqual([...new Set(tints.values())].sort(), [0, 1, 2, 3, 4, 5])
})

test('edges that do not quite match count, and an area without a shape gets a tint as well', () => {
  const square = (x) => ({ type: 'MultiPolygon', coordinates: [[[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]] })
  const tints = tintsOf([{ id: 'a', geometry: square(0) }, { id: 'b', geometry: square(1.002) }, { id: 'c', geometry: null }], 2)
  assert.notEqual(tints.get('a'), tints.get('b'))
  assert.ok(tints.has('c'))
})

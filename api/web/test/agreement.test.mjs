import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import ts from 'typescript'

const code = readFileSync(new URL('../src/desk/agreement/course.ts', import.meta.url), 'utf8')
const js = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText
const { courseIn, departing } = await import(`data:text/javascript,${encodeURIComponent(js)}`)

const line = (...coordinates) => ({ type: 'LineString', coordinates })

test('a file holds one line, as a geometry, a feature or the only feature of several', () => {
  const course = line([1, 2], [3, 4])
  const feature = { type: 'Feature', properties: { a: 1 }, geometry: course }
  for (const text of [course, feature, { type: 'FeatureCollection', features: [feature] }]) assert.deepEqual(courseIn(JSON.stringify(text)), course)
  for (const text of ['', '[]', 'null', '{"type":"Point","coordinates":[1,2]}', JSON.stringify({ type: 'FeatureCollection', features: [feature, feature] })]) {
    assert.equal(courseIn(text), undefined)
  }
})

test('a course departs from where it leaves the line to where it comes back', () => {
  const today = line([0, 0], [1, 0], [2, 0], [3, 0])
  assert.deepEqual(departing(today, today), [])
  assert.deepEqual(departing(line([0, 0], [1, 1], [2, 1], [3, 0]), today), [[[0, 0], [1, 1], [2, 1], [3, 0]]])
  assert.deepEqual(departing({ type: 'MultiLineString', coordinates: [[[0, 1], [1, 0], [2, 0]], [[2, 0], [3, 1]]] }, today), [[[0, 1], [1, 0]], [[2, 0], [3, 1]]])
})

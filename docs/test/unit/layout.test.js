import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { falseSharing, place, reorder, targets } from '../../.vitepress/theme/widgets/layout.js'

const program = process.env.DOCS_LAYOUT
const run = (...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 })

describe.skipIf(!program)('the layout explorer and the reference solution', () => {
  test('agree on 2000 random records', () => {
    const seed = process.env.CACHELINE_SEED ?? String(Date.now())
    const records = run('random', '2000', seed).trim().split('\n').map((line) => JSON.parse(line))
    expect(records).toHaveLength(2000)
    let reordered = 0
    for (const { target: name, align, fields, placed, reordered: best } of records) {
      const target = targets.find((t) => t.name === name)
      const where = `seed ${seed}, ${name}: ${JSON.stringify(fields)}`
      const mine = place(fields, target, align)
      expect({ size: mine.size, align: mine.align, offsets: Object.fromEntries(mine.fields.map((f) => [f.name, f.offset])) }, where).toEqual(placed)
      const order = reorder(fields, target, align)
      expect(place(order.fields, target, align).size, where).toBe(best.size)
      expect(order.fields.map((f) => f.name).sort(), where).toEqual(fields.map((f) => f.name).sort())
      if (order.how === 'already') expect(order.fields, where).toBe(fields)
      else ++reordered
    }
    expect(reordered).toBeGreaterThan(200)
  })

  test('have the same table of targets', () => {
    expect(targets).toEqual(JSON.parse(run('targets')))
  })

  test('the report of the page is what the reference writes', () => {
    expect(readFileSync(new URL('../../data/layout-report.md', import.meta.url), 'utf8')).toBe(run('report'))
  })
})

const linux = targets.find((t) => t.name === 'x86_64-linux')
const field = (name, type, more = {}) => ({ name, type, count: 1, align: 0, writer: null, ...more })

test('fields that two threads write share a line unless the record is aligned to one', () => {
  const at60 = [field('a', 'char', { count: 56 }), field('b', 'std::int32_t', { writer: 0 }), field('pad', 'std::int32_t'), field('c', 'std::int32_t', { writer: 1 })]
  expect(falseSharing(place(at60, linux), 64)).toEqual([['b', 'c']])
  expect(falseSharing(place(at60, linux, 64), 64)).toEqual([])
})

test('a hole that only the search fills', () => {
  const fields = [field('a', 'std::int32_t', { align: 16 }), field('b', 'std::int32_t', { align: 16 }), field('c', 'double', { align: 8 }), field('d', 'char', { count: 12 }), field('e', 'double')]
  const best = reorder(fields, linux)
  expect(place(best.fields, linux).size).toBeLessThanOrEqual(place(fields, linux).size)
})

// The pages' text: no speed that was typed, no quotation that is dead, every exercise complete.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exercises, root } from '../../.vitepress/site/exercises.js'
import { figure, measurement, plain, shown } from '../../.vitepress/site/data.js'
import { attributes, inlineFigure } from '../../.vitepress/site/figures.js'
import { options, plotted } from '../../.vitepress/site/plot.js'
import { quoted } from '../../.vitepress/site/quote.js'
import { drawn } from '../../.vitepress/site/cells.js'
import { claims, fault, withoutClaims } from '../claims.js'
import { typedMeasurements } from '../typed-measurements.js'

function markdown(folder) {
  return readdirSync(folder).filter((name) => !['node_modules', 'data'].includes(name)).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return markdown(path)
    return name.endsWith('.md') ? [path] : []
  })
}
const pages = markdown(join(root, 'docs'))
const blocks = (text, kind) => [...text.matchAll(new RegExp(`^\`\`\`${kind}([^\\n]*)\\n([\\s\\S]*?)^\`\`\``, 'gm'))]

describe.each(pages.map((page) => [page.slice(root.length), readFileSync(page, 'utf8')]))('%s', (_, text) => {
  test('has no speed that is not in the data', () => {
    expect(typedMeasurements(text)).toEqual([])
  })
  test('quotes what is there', () => {
    for (const [, file, block] of blocks(text, 'quote')) expect(quoted(file.trim(), block).split('\n').length).toBeGreaterThan(2)
  })
  test('cites and plots what was measured', () => {
    for (const [tag] of text.matchAll(/<Figure [^>]*\/>/g)) expect(inlineFigure(tag)).toContain('class="measured"')
    for (const [, , block] of blocks(text, 'figure')) {
      expect(options(block).title).toBeTruthy()
      expect(plotted(block)).toContain('<svg')
    }
    for (const [, , block] of blocks(text, 'cells')) expect(drawn(block)).toContain('role="img"')
  })
})

// Files that people also read without the site.
const plainFiles = [join(root, 'README.md'), ...exercises().map(({ name }) => join(root, 'exercises', name, 'README.md'))]
describe.each(plainFiles.map((file) => [file.slice(root.length), readFileSync(file, 'utf8')]))('%s', (_, text) => {
  test('types no figure but those that it can account for', () => {
    const all = claims(text)
    expect(all.map((claim) => fault(claim, text)).filter(Boolean)).toEqual([])
    const known = all.flatMap(({ numbers }) => numbers)
    const typed = typedMeasurements(withoutClaims(text))
    expect(typed.filter((found) => !known.includes(/\d[\d.]*/.exec(found)[0]))).toEqual([])
  })
})

test('every exercise opens with a figure that was measured', () => {
  for (const { name } of exercises()) {
    const text = readFileSync(join(root, 'exercises', name, 'README.md'), 'utf8')
    const opening = text.split('\n\n')[1].replace(/\s+/g, ' ')
    expect(claims(text).some(({ said }) => opening.includes(said)), name).toBe(true)
  }
})

test('every exercise has a concept and a discussion, and a concept is no shorter than 800 words', () => {
  for (const { name } of exercises()) {
    expect(existsSync(join(root, 'docs', name, 'discussion.md')), name).toBe(true)
    const words = readFileSync(join(root, 'docs', name, 'index.md'), 'utf8').split(/\s+/).length
    expect(words, name).toBeGreaterThan(800)
  }
})

describe('the tools themselves', () => {
  test('a typed speed is found, and what is none is left alone', () => {
    for (const bad of ['It takes 12 ns.', 'at 4.1 GB/s', '350 million a second', '3 times as fast', '2.5× faster', 'It takes **33 ms**', '15% slower'])
      expect(typedMeasurements(bad), bad).toHaveLength(1)
    for (const good of ['64 bytes', '`10 µs`', '<Figure of="06 Transfer/1024 reference" />', '[100 ns](https://example.org)', '```\n12 ns\n```', 'in 5 minutes, 100 points'])
      expect(typedMeasurements(good), good).toEqual([])
  })
  test('a figure of a plain file is compared with the data', () => {
    const { median } = measurement('06', 'Transfer/1024', 'reference')
    const file = (said) => `It passes ${said} million.\n\n<!-- Where the figures are from\n${said} million: 06 Transfer/1024 reference\n-->\n`
    const faults = (text) => claims(text).map((claim) => fault(claim, text))
    expect(faults(file(Number(median.toPrecision(2))))).toEqual([undefined])
    expect(faults(file(Number((2 * median).toPrecision(2))))[0]).toContain('docs/data has')
    expect(faults(file('44').replace('It passes', 'Nothing'))[0]).toBeDefined()
    expect(() => faults(file('44').replace('reference', 'nobody'))).toThrow('docs/data has no')
  })
  test('what is not in the data cannot be cited', () => {
    expect(() => figure('06 Transfer/1024 nobody')).toThrow('docs/data has no')
    expect(() => figure('99 Transfer/1024 reference')).toThrow('no recording')
    expect(() => plotted('of: 06 Transfer/1024\nwho: nobody\ntitle: x')).toThrow('docs/data has no')
    expect(() => plotted('of: 06 Transfer/1024, 06 RoundTrip\nwho: reference\npanels: a, b, c\ntitle: x')).toThrow('3 titles')
  })
  test('a quotation that is not there is an error', () => {
    expect(() => quoted('solutions/06-ring-buffer/ring_buffer.hpp', 'no such line')).toThrow('0 lines')
    expect(() => quoted('solutions/06-ring-buffer/ring_buffer.hpp', '}')).toThrow('lines that begin with')
  })
  test('numbers are shown as they deserve', () => {
    expect([0.4103, 7.953, 44.87, 445.2, 1234.5, 12345].map(plain)).toEqual(['0.41', '8', '45', '445', '1 230', '12 300'])
    const one = measurement('02', 'Block/random', 'reference')
    expect(shown(one, 'ns')).toBe(`${plain(1e3 / one.median)} ns`)
  })
  test('attributes are read', () => {
    expect(attributes('<Figure of="a b c" as="ns" />')).toEqual({ of: 'a b c', as: 'ns' })
  })
})

// What was built: every link, anchor and image leads somewhere, and no page is heavy.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { exercises, root } from '../../.vitepress/site/exercises.js'

const site = process.env.DOCS_SITE ?? join(root, 'build/docs')
const kHeaviest = 300_000

const files = (folder) => readdirSync(folder).flatMap((name) => {
  const path = join(folder, name)
  return statSync(path).isDirectory() ? files(path) : [path]
})
const pages = files(site).filter((file) => file.endsWith('.html'))
const parsed = new Map(pages.map((page) => [page, parseHTML(readFileSync(page, 'utf8')).document]))
const nameOf = (page) => relative(site, page)

test('every exercise has its four pages', () => {
  for (const { name } of exercises())
    for (const page of ['index', 'task', 'hints', 'discussion']) expect(existsSync(join(site, name, `${page}.html`)), `${name}/${page}`).toBe(true)
})

describe.each(pages.map((page) => [nameOf(page), page]))('%s', (name, page) => {
  const document = parsed.get(page)

  test('has links that lead somewhere', () => {
    const dead = []
    for (const element of document.querySelectorAll('a[href], link[href], img[src], script[src]')) {
      const address = element.getAttribute('href') ?? element.getAttribute('src')
      if (/^(mailto|data):/.test(address)) continue
      if (/^[a-z]+:/.test(address)) {
        const { protocol, hostname } = new URL(address)
        if (protocol !== 'https:' || !/\.[a-z]{2,}$/.test(hostname)) dead.push(address)
        continue
      }
      const [path, anchor] = address.split('#')
      const target = path === '' ? page : join(dirname(page), decodeURIComponent(path))
      if (path.startsWith('/') || !existsSync(target) || statSync(target).isDirectory()) dead.push(address)
      else if (anchor && !parsed.get(target)?.getElementById(decodeURIComponent(anchor))) dead.push(address)
    }
    expect(dead).toEqual([])
  })

  test('has one main heading, and a text for each image', () => {
    expect(document.querySelectorAll('h1').length, 'h1').toBe(name === '404.html' ? 0 : 1)
    for (const image of document.querySelectorAll('img')) expect(image.getAttribute('alt')).not.toBeNull()
    for (const image of document.querySelectorAll('svg[role=img]')) expect(image.getAttribute('aria-label').length).toBeGreaterThan(10)
  })

  test('is light', () => {
    const scripts = [...document.querySelectorAll('script[src], link[rel=modulepreload], link[rel=stylesheet], link[rel="preload stylesheet"]')]
      .map((e) => e.getAttribute('src') ?? e.getAttribute('href'))
    const loaded = new Set([page, ...scripts.map((address) => join(dirname(page), address))])
    const bytes = [...loaded].reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)
    expect(bytes, `${bytes} bytes compressed`).toBeLessThan(kHeaviest)
  })
})

test('nothing in the site knows where it was built for', () => {
  for (const file of files(site).filter((f) => /\.(html|js|css)$/.test(f))) {
    const text = readFileSync(file, 'utf8')
    expect(text.includes('base_of_the_site') || text.includes(root), file).toBe(false)
  }
})

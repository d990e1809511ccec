// The site in a real browser, as its readers use it: under some path of a server, on a phone, in
// the dark, by keyboard, and from a plain folder.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../.vitepress/site/exercises.js'
import { serve } from '../../serve.js'

const folder = process.env.DOCS_SITE ?? join(root, 'build/docs')
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const kDesk = { width: 1280, height: 900 }

const files = (at) => readdirSync(at).flatMap((name) => {
  const path = join(at, name)
  return statSync(path).isDirectory() ? files(path) : [path]
})
const pages = files(folder).filter((file) => file.endsWith('.html')).map((file) => relative(folder, file)).filter((name) => name !== '404.html')

// The widgets that the page's text asks for.
const widgetsOf = (name) => {
  const source = join(root, 'docs', name.replace(/html$/, 'md'))
  return existsSync(source) ? (readFileSync(source, 'utf8').match(/^<(FalseSharing|LayoutExplorer|RingStepper|SimdLanes|SizeClassPool) \/>/gm) ?? []).length : 0
}

let browser, site, page

beforeAll(async () => {
  expect(existsSync(executablePath), `${executablePath} is missing; set CHROMIUM`).toBe(true)
  site = await serve(folder, '/some/folder/')
  browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  page = await browser.newPage({ viewport: kDesk })
  page.setDefaultTimeout(10_000)
})
afterAll(async () => {
  await browser?.close()
  site?.close()
})

function complaintsOf(page) {
  const complaints = []
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()) })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => { if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site.address)) complaints.push(`it wants ${request.url()}, and is to work offline`) })
  page.on('response', (response) => { if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`) })
  return complaints
}

const open = async (name, tab = page) => {
  await tab.goto(site.address + name)
  await tab.waitForFunction(() => document.querySelector('#app')?.__vue_app__ !== undefined)
}

// axe tells apart minor, moderate, serious and critical.
async function faults(tab, rules) {
  const { violations } = await tab.evaluate((runOnly) => window.axe.run(document, { resultTypes: ['violations'], runOnly }), rules)
  return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(' | ')}`)
}

describe.concurrent.each(pages)('%s', (name) => {
  test('opens without a complaint, is accessible in both themes, and fits a phone', async () => {
    const context = await browser.newContext({ viewport: kDesk, reducedMotion: 'reduce' })
    const tab = await context.newPage()
    const complaints = complaintsOf(tab)
    await open(name, tab)
    await tab.waitForFunction((count) => document.querySelectorAll('.widget').length === count, await widgetsOf(name))
    await tab.evaluate(axe)
    expect(await faults(tab), 'light').toEqual([])
    await tab.emulateMedia({ colorScheme: 'dark' })
    await tab.waitForFunction(() => document.documentElement.classList.contains('dark'))
    expect(await faults(tab, ['color-contrast']), 'dark').toEqual([])
    await tab.setViewportSize({ width: 360, height: 740 })
    expect(await tab.evaluate(() => document.documentElement.scrollWidth), 'width at 360 px').toBeLessThanOrEqual(360)
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('a reader', () => {
  test.each(['false sharing', 'tail padding'])('finds "%s"', async (words) => {
    await open('index.html')
    await page.keyboard.press('Control+k')
    await page.getByRole('searchbox').fill(words)
    await page.waitForSelector('.VPLocalSearchBox .result')
    await page.locator('.VPLocalSearchBox .result').first().click()
    await page.waitForFunction((text) => document.querySelector('main, #VPContent').innerText.toLowerCase().includes(text), words)
  })

  test('goes from page to page without loading anew', async () => {
    await open('06-ring-buffer/index.html')
    await page.evaluate(() => { window.stillHere = true })
    await page.getByRole('link', { name: 'discussion page' }).click()
    await page.waitForFunction(() => document.querySelector('h1')?.innerText.includes('Discussion: the ring buffer'))
    expect(await page.evaluate(() => window.stillHere)).toBe(true)
    expect(page.url()).toContain('/some/folder/06-ring-buffer/discussion')
  })

  test('opens a hint', async () => {
    await open('06-ring-buffer/hints.html')
    const hint = page.locator('details.hint').first()
    expect(await hint.getAttribute('open')).toBeNull()
    await hint.locator('summary').press('Enter')
    expect(await hint.getAttribute('open')).not.toBeNull()
  })

  test('opens the table of a figure and sees where a number is from', async () => {
    await open('06-ring-buffer/index.html')
    await page.locator('figure.plot summary').first().click()
    expect(await page.locator('figure.plot table').first().isVisible()).toBe(true)
    expect(await page.locator('.measured').first().getAttribute('title')).toContain('recorded on')
  })
})

describe('a widget reacts to the keyboard:', () => {
  const status = () => page.locator('.widget:focus-within [data-test=status]').innerText()
  const pressed = async (name, key = 'Enter') => page.locator(`[data-test=${name}]`).first().press(key)

  test('the ring', async () => {
    await open('06-ring-buffer/index.html')
    await page.waitForSelector('[data-test=produce]')
    await pressed('produce'); await pressed('produce')
    expect(await status()).toContain('builds item 0')
  })
  test('false sharing', async () => {
    await open('machine.html')
    await pressed('together')
    expect(await page.locator('[data-test=counts]').innerText()).toContain('20 journeys')
  })
  test('the layout explorer', async () => {
    await open('01-layout-optimizer/index.html')
    await page.locator('.layout-explorer [data-test=target]').selectOption('i386-linux')
    await page.getByRole('button', { name: 'Move side down' }).press('Enter')
    expect(await page.locator('.layout-explorer [data-test=status]').innerText()).toContain('alignment 4')
  })
  test('the lanes', async () => {
    await open('04-simd-sum/index.html')
    for (let i = 0; i < 7; ++i) await pressed('accumulators', 'ArrowRight')
    expect(await status()).toContain('The latency is hidden')
  })
  test('the pool', async () => {
    await open('02-memory-pool/index.html')
    await pressed('allocate')
    expect(await status()).toMatch(/[1-9]\d* bytes taken/)
  })
})

test('from the disk, without a server, the text and the links are there', async () => {
  const context = await browser.newContext()
  const fromDisk = await context.newPage()
  await fromDisk.goto(pathToFileURL(join(folder, 'index.html')).href)
  await fromDisk.locator('.cards a').nth(5).click()
  await fromDisk.waitForURL(/06-ring-buffer\/index\.html$/)
  expect(await fromDisk.locator('h1').innerText()).toContain('A queue without a lock')
  expect(await fromDisk.locator('figure.plot svg').first().isVisible()).toBe(true)
  await context.close()
})

// A site that works wherever its folder lies: under any path of a server and, but for what needs
// scripts, opened from the disk. VitePress builds for one fixed base, so it is given a placeholder,
// which is replaced here by what is right for each page: in HTML and CSS by the way up from the
// file, in scripts by the place that the page was loaded from.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

export const kBasePlaceholder = '/__base_of_the_site__/'

const pattern = kBasePlaceholder.replaceAll('/', '\\/')

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : [path]
  })
}

// The site's own data stand in a string, as JSON.
const siteData = (text) => text.replaceAll(`\\"base\\":\\"${kBasePlaceholder}\\"`, '\\"base\\":\\""+window.__base__+"\\"')

export function relativeScript(text) {
  return siteData(text)
    .replaceAll(new RegExp(`(["'])${pattern}((?:(?!\\1)[^\\\\\\n]|\\\\.)*)\\1`, 'g'), '(window.__base__+$1$2$1)')
    .replaceAll(new RegExp(`\`${pattern}`, 'g'), '`${window.__base__}')
}

// The search's index is one string in single quotes, with all addresses in it.
export const relativeIndex = (text) => text.replaceAll(kBasePlaceholder, "'+window.__base__+'")

// The first script of a page: where the site begins, seen from here.
const whereAmI = (up) =>
  `<script>window.__base__=new URL(${JSON.stringify(up)},location.href).pathname</script>`

export function relativePage(html, up) {
  return siteData(html)
    .replace('<head>', `<head>${whereAmI(up)}`)
    .replaceAll(kBasePlaceholder, up)
    // From a disk, a folder shows its list of files and not its index.
    .replaceAll(/(href="\.[^":#?]*\/)(?=["#?])/g, '$1index.html')
    .replaceAll(kBasePlaceholder.replaceAll('/', '_'), '') // VitePress makes a class of each address
}

export function makeRelative(outDir) {
  for (const file of files(outDir)) {
    const up = '../'.repeat(relative(outDir, file).split(sep).length - 1) || './'
    const text = /\.(html|js|css)$/.test(file) ? readFileSync(file, 'utf8') : ''
    if (!text.includes(kBasePlaceholder)) continue
    const changed = file.endsWith('.html')
      ? relativePage(text, up)
      : file.includes('@localSearchIndex')
        ? relativeIndex(text)
        : file.endsWith('.js')
          ? relativeScript(text)
          : text.replaceAll(kBasePlaceholder, up)
    if (changed.includes(kBasePlaceholder)) throw new Error(`${file}: an address with the base in it has a form that relative.js does not know`)
    writeFileSync(file, changed)
  }
}

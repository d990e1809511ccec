import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { cells } from './site/cells.js'
import { exercises, pagesOf, root } from './site/exercises.js'
import { figures } from './site/figures.js'
import { studentFiles } from './site/student-files.js'
import { quotations } from './site/quote.js'
import { kBasePlaceholder, makeRelative } from './site/relative.js'

const page = (text, name) => ({ text, link: `/${name}`, file: join(root, 'docs', `${name}.md`) })
const existing = (pages) => pages.filter(({ file }) => existsSync(file)).map(({ text, link }) => ({ text, link }))

export default defineConfig(({ command, mode }) => ({
  title: 'Cacheline',
  description: 'A C++20 workbook on memory optimization: seven exercises, measured.',
  lang: 'en',
  // The task and the hints of an exercise are the files that the student has, so the pages come
  // from the whole tree.
  srcDir: '..',
  srcExclude: ['*.md', 'build/**', 'tests/**', 'solutions/**', 'docs/data/**', 'docs/node_modules/**'],
  rewrites: {
    'exercises/:exercise/README.md': ':exercise/task.md',
    'exercises/:exercise/hints.md': ':exercise/hints.md',
    'docs/:page*': ':page*'
  },
  outDir: join(root, 'build/docs'),
  cacheDir: join(root, 'build/docs-cache'),
  // Built for no place in particular: see relative.js.
  base: command === 'build' ? kBasePlaceholder : '/',
  buildEnd({ outDir }) {
    makeRelative(outDir)
    copyFileSync(join(root, 'docs/grade.schema.json'), join(outDir, 'grade.schema.json'))
  },
  cleanUrls: false,
  lastUpdated: false,
  metaChunk: true,
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: icon() }],
    ['meta', { name: 'theme-color', content: '#0f766e' }]
  ],
  markdown: {
    lineNumbers: false,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-default' },
    typographer: true,
    config: (md) => {
      md.disable('replacements') // quotes yes, (c) no
      md.use(figures)
      md.use(quotations)
      md.use(cells)
      md.use(studentFiles)
    }
  },
  vite: {
    publicDir: false,
    plugins: [packagesForAllPages()],
    server: { watch: { ignored: [join(root, 'build/**'), join(root, 'tests/**')] } },
    build: { chunkSizeWarningLimit: 1000 }
  },
  themeConfig: {
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'The machine', link: '/machine' },
      { text: 'Measuring', link: '/measuring' },
      { text: 'Teach', link: '/instructors' }
    ].filter(({ link }) => existsSync(join(root, `docs${link}.md`))),
    sidebar: [
      {
        text: 'Before you start',
        items: existing([
          page('Start in five minutes', 'start'),
          page('The machine', 'machine'),
          page('Measuring', 'measuring'),
          page('Glossary', 'glossary')
        ])
      },
      {
        text: 'Exercises',
        items: exercises().map((exercise) => ({
          text: `${exercise.number}  ${exercise.title}`,
          link: existing(pagesOf(exercise))[0].link,
          collapsed: true,
          items: [
            ...existing(pagesOf(exercise)),
            ...(exercise.short === 'layout-optimizer' ? existing([page('A real report', 'layout-report')]) : [])
          ]
        }))
      },
      {
        text: 'Teach and extend',
        items: existing([
          page('Instructors’ guide', 'instructors'),
          page('Attacks, and what stops them', 'attacks'),
          page('Adding an exercise', 'adding-an-exercise')
        ])
      }
    ],
    docFooter: { prev: 'Before', next: 'Next' }
  }
}))

// One line of eight words, two of them taken.
function icon() {
  const words = [...'11000000'].map(
    (taken, i) => `<rect x="${1 + (i % 4) * 8}" y="${i < 4 ? 5 : 17}" width="6" height="10" rx="1" fill="${taken === '1' ? '#e8590c' : '#0f766e'}"/>`
  )
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${words.join('')}</svg>`)}`
}

// Pages lie outside of docs/, the packages in it.
function packagesForAllPages() {
  return {
    name: 'packages-for-all-pages',
    enforce: 'pre',
    resolveId(id, importer) {
      if (!/^[a-z@]/.test(id) || !importer || importer.startsWith(join(root, 'docs/'))) return
      return this.resolve(id, join(root, 'docs/package.json'), { skipSelf: true })
    }
  }
}

// Finds speeds, times and ratios that were typed into a page. Those belong to docs/data, and into a
// page by <Figure of="…" />. Left alone: code, and numbers that are the text of a link to their source.
const kUnits = [
  '(?:ns|µs|us|ms|nanoseconds?|microseconds?|milliseconds?|seconds?)\\b',
  '[GMK]i?B/s', 'million(?: \\w+)?(?: a|/| per) ?s', 'million/s', 'M/s', 'Mitems/s',
  '(?:×|x|times)(?: as| faster| slower| more| less| on\\b)', '% (?:faster|slower|more|less)', 'cycles?\\b'
]
const kTyped = new RegExp(`\\d[\\d., ]*\\**\\s?(?:${kUnits.join('|')})`, 'g')

export function typedMeasurements(text) {
  const prose = text
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, '')
    .replace(/<Figure [^>]*\/>/g, '')
    .replace(/\[[^\]]*\]\(https?:[^)]*\)/g, '')
  return [...prose.matchAll(kTyped)].map(([found]) => found)
}

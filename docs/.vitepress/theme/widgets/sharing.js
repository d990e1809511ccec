// Two cores and the lines that they write: who has which, and how often it travelled.
export function start(distance) {
  return { distance, counters: [0, 0], lines: distance < 64 ? [null] : [null, null], journeys: 0, says: 'Nobody has fetched anything yet.' }
}

export const lineOf = (s, core) => (s.distance < 64 ? 0 : core)

export function increment(s, core) {
  const line = lineOf(s, core)
  const owner = s.lines[line]
  ++s.counters[core]
  if (owner === core) {
    s.says = `Core ${core} has the line for itself and writes at once.`
    return
  }
  s.lines[line] = core
  ++s.journeys
  s.says = owner === null
    ? `Core ${core} fetches the line from memory.`
    : `Core ${core} asks for the line; core ${owner} loses it${s.distance < 64 ? ', though nobody wanted its counter' : ''}.`
}

/** Modified or invalid: what core has of a line. */
export const state = (s, core, line) => (s.lines[line] === core ? 'modified' : 'invalid')

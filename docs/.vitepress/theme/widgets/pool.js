// A pool with size classes: what is used, what is slack, what is free and cannot be used by others.
export const kSpacings = {
  'three classes': [64, 256, 1024],
  'powers of two': [16, 32, 64, 128, 256, 512, 1024],
  'an eighth apart': eighths()
}

function eighths() {
  const classes = []
  for (let size = 16; size < 1024; size = Math.ceil((size * 9) / 8 / 16) * 16) classes.push(size)
  return [...classes, 1024]
}

export const kSlab = 4096

export function start(spacing) {
  return { classes: kSpacings[spacing].map((size) => ({ size, live: [], free: 0 })), seed: 1, peak: 0 }
}

// Park and Miller's generator: the same story for every reader.
function random(s) {
  s.seed = (s.seed * 16807) % 2147483647
  return s.seed / 2147483647
}

export const classFor = (s, bytes) => s.classes.find(({ size }) => bytes <= size)

export function allocate(s, bytes) {
  const c = classFor(s, bytes)
  if (c.free === 0) c.free = Math.floor(kSlab / c.size) // a new slab
  --c.free
  c.live.push(bytes)
}

/** Sizes as programs have them: many small, few large. */
export const someSize = (s) => Math.ceil(16 * 64 ** (random(s) ** 2))

export function allocateMany(s, count) {
  for (let i = 0; i < count; ++i) allocate(s, someSize(s))
}

/** Frees about `share` of the live blocks, wherever they are. */
export function freeSome(s, share) {
  for (const c of s.classes) {
    const kept = c.live.filter(() => random(s) >= share)
    c.free += c.live.length - kept.length
    c.live = kept
  }
}

export function totals(s) {
  const sum = (of) => s.classes.reduce((all, c) => all + of(c), 0)
  const asked = sum((c) => c.live.reduce((a, b) => a + b, 0))
  const blocks = sum((c) => c.live.length * c.size)
  const free = sum((c) => c.free * c.size)
  return { asked, slack: blocks - asked, free, memory: blocks + free }
}

// When additions start and end, for some accumulators, a latency and a number of adders.
export function schedule({ accumulators, latency, adders, cycles }) {
  const free = Array(accumulators).fill(0)   // when the accumulator's last addition ends
  const starts = []
  let next = 0                               // accumulators take turns
  for (let cycle = 0; cycle < cycles; ++cycle)
    for (let started = 0; started < adders; ++started) {
      if (free[next] > cycle) break
      starts.push({ accumulator: next, cycle })
      free[next] = cycle + latency
      next = (next + 1) % accumulators
    }
  return starts
}

/** Additions that start in a cycle, in the long run. */
export const rate = ({ accumulators, latency, adders }) => Math.min(adders, accumulators / latency)

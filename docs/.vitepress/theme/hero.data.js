import { measurement, recording } from '../site/data.js'

// How far away things are, in nanoseconds.
export default {
  load() {
    const ns = (bytes) => 1e3 / measurement('machine', `Chase/${bytes}`, 'load').median
    const { machine, recorded } = recording('machine')
    return {
      recorded,
      rows: [
        { what: 'first-level cache', ns: ns(16384) },
        { what: 'second-level cache', ns: ns(262144) },
        { what: 'to the other core and back', ns: machine.round_trip_ns },
        { what: 'memory', ns: ns(268435456) }
      ]
    }
  }
}

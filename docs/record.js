#!/usr/bin/env node
// Records what `./workbook bench EXERCISE --record` does not: the machine page's figures and the
// ladders of the discussion pages. All programs of a recording run in turn.
//
//     docs/record.js machine | ladder EXERCISE      [--runs N]
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const ladders = JSON.parse(readFileSync(join(root, 'docs/ladders.json'), 'utf8'))
const run = (command, ...args) => execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 })

// A tree of references in which one exercise's is a submission.
function built(exercise, submission) {
  const name = submission.split('/').at(-1)
  const folder = join(root, 'build/ladders', name)
  rmSync(join(folder, 'files'), { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(join(root, 'solutions'), join(folder, 'files'), { recursive: true })
  const from = join(root, 'tests', exercise, 'submissions', submission)
  for (const file of readdirSync(from)) {
    if (file.endsWith('.patch')) run('patch', '-s', '-p1', '--fuzz=0', '-d', join(folder, 'files', exercise), '-i', join(from, file))
    else cpSync(join(from, file), join(folder, 'files', exercise, file))
  }
  return { who: name, program: program(exercise, join(folder, 'files'), join(folder, 'build')) }
}

function program(exercise, implementation, build) {
  run('cmake', '-S', root, '-B', build, '-G', 'Ninja', `-DCACHELINE_IMPLEMENTATION=${implementation}`)
  run('cmake', '--build', build, '--target', `${exercise}.bench`)
  return join(build, `${exercise}.bench`)
}

// The same units as `./workbook bench` takes.
function valueOf(benchmark) {
  if ('ns_per_pair' in benchmark) return ['ns/pair', false, benchmark.ns_per_pair]
  if ('bytes_per_second' in benchmark) return ['GB/s', true, benchmark.bytes_per_second / 1e9]
  if ('items_per_second' in benchmark) return ['Mitems/s', true, benchmark.items_per_second / 1e6]
  return [benchmark.time_unit === 'us' ? 'µs' : benchmark.time_unit, false, benchmark.real_time]
}

const quantile = (values, p) => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = p * (sorted.length - 1)
  const low = Math.floor(at)
  return sorted[low] + ((sorted[low + 1] ?? sorted[low]) - sorted[low]) * (at - low)
}
const rounded = (value) => Number(value.toPrecision(4))

function record(name, programs, filter, runs, file) {
  const samples = new Map()
  const trips = []
  for (let turn = 1; turn <= runs; ++turn)
    for (const { who, program, only } of programs) {
      const report = execFileSync(program, ['--benchmark_format=json', `--benchmark_filter=${filter}`], {
        encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, CACHELINE_SEED: String(turn) }
      })
      for (const benchmark of JSON.parse(report).benchmarks) {
        if (benchmark.run_type !== 'iteration' || benchmark.error_occurred) continue
        const [what, contender, ...rest] = benchmark.name.split('/')
          .filter((part) => !/^((iterations|min_time|repeats|threads):.*|(real|manual|process)_time)$/.test(part))
        if (only && !only.includes(contender)) continue
        const shown = contender === 'yours' ? who : contender
        const [unit, higher, value] = valueOf(benchmark)
        const key = JSON.stringify([what, rest.join('/'), shown, unit, higher])
        samples.set(key, [...(samples.get(key) ?? []), value])
        if (benchmark.round_trip_ns) trips.push(benchmark.round_trip_ns)
      }
    }
  const benchmarks = [...samples].map(([key, values]) => {
    const [what, args, who, unit, higher_is_better] = JSON.parse(key)
    return { name: what, arguments: args, who, unit, higher_is_better, median: rounded(quantile(values, 0.5)), q1: rounded(quantile(values, 0.25)), q3: rounded(quantile(values, 0.75)), runs: values.length }
  })
  const head = { exercise: name, recorded: new Date().toISOString().slice(0, 10), machine: { ...machine(), round_trip_ns: trips.length ? rounded(quantile(trips, 0.5)) : null } }
  const text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "benchmarks": [\n${benchmarks.map((b) => `    ${JSON.stringify(b)}`).join(',\n')}\n  ]\n}\n`
  writeFileSync(join(root, 'docs/data', file), text)
  console.log(`Recorded in docs/data/${file}.`)
}

function machine() {
  const folder = '/sys/devices/system/cpu/cpu0/cache'
  const read = (cache, what) => readFileSync(join(folder, cache, what), 'utf8').trim()
  const caches = !existsSync(folder) ? [] : readdirSync(folder).filter((name) => name.startsWith('index')).sort().map((cache) => {
    const size = read(cache, 'size')
    return { level: Number(read(cache, 'level')), bytes: parseInt(size) * { K: 1024, M: 1 << 20 }[size.at(-1)], type: read(cache, 'type') }
  })
  return { cpu: cpus()[0].model, cores: availableParallelism(), caches, compiler: run('c++', '--version').split('\n')[0] }
}

const [what, name] = process.argv.slice(2)
const runs = process.argv.includes('--runs') ? Number(process.argv[process.argv.indexOf('--runs') + 1]) : 9
if (what === 'machine') {
  run('cmake', '--preset', 'test')
  run('cmake', '--build', '--preset', 'test', '--target', 'docs-machine')
  record('machine', [{ who: 'yours', program: join(root, 'build/test/docs-machine') }], '.', runs, 'machine.json')
} else if (what === 'ladder' && ladders[name]) {
  const { benchmarks, rungs, peers = [] } = ladders[name]
  const programs = [
    { who: 'reference', program: program(name, join(root, 'solutions'), join(root, 'build/ladders/reference')), only: ['yours', 'baseline', ...peers, 'load_only'] },
    ...rungs.map((rung) => ({ ...built(name, rung), only: ['yours'] }))
  ]
  record(name, programs, `^${benchmarks}/`, runs, `${name}.ladder.json`)
} else {
  console.error(`docs/record.js machine | ladder EXERCISE [--runs N]; ladders: ${Object.keys(ladders).join(', ')}`)
  process.exitCode = 2
}

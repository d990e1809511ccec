#!/usr/bin/env node
// A static server as simple as any that the site may end up on: files of a folder, under a path.
//
//     docs/serve.js [PORT]      build/docs on localhost
import { createReadStream, existsSync, realpathSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const kTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml' }

export function serve(folder, under = '/', port = 0) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname))
    let file = join(folder, path.slice(under.length - 1))
    if (path.startsWith(under) && existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html')
    if (!path.startsWith(under) || !existsSync(file)) return response.writeHead(404).end('There is no such page.')
    response.writeHead(200, { 'content-type': kTypes[extname(file)] ?? 'application/octet-stream' })
    createReadStream(file).pipe(response)
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, '127.0.0.1', () =>
      resolve({ address: `http://127.0.0.1:${server.address().port}${under}`, close: () => server.close() }))
  })
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const folder = fileURLToPath(new URL('../build/docs', import.meta.url))
  serve(folder, '/', Number(process.argv[2] ?? 4173)).then(
    ({ address }) => console.log(`The site is at ${address} until you press Ctrl-C.`),
    (error) => {
      console.error(error.code === 'EADDRINUSE' ? 'That port is taken; docs/site.sh serve PORT chooses another.' : error.message)
      process.exitCode = 1
    }
  )
}

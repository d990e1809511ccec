// A static server as simple as any that the site may end up on: files of a folder, under a path.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const kTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml' }

export function serve(folder, under = '/') {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
    let file = join(folder, normalize(path.slice(under.length - 1)))
    if (path.startsWith(under) && existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html')
    if (!path.startsWith(under) || !existsSync(file)) return response.writeHead(404).end('not here')
    response.writeHead(200, { 'content-type': kTypes[extname(file)] ?? 'application/octet-stream' })
    createReadStream(file).pipe(response)
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () =>
    resolve({ address: `http://127.0.0.1:${server.address().port}${under}`, close: () => server.close() })))
}

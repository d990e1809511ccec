// The exercises as their manifests have them: no list here names one.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../..', import.meta.url))

export function exercises() {
  return readdirSync(join(root, 'exercises'))
    .filter((name) => existsSync(join(root, 'exercises', name, 'exercise.json')))
    .sort()
    .map((name) => ({
      name,
      short: name.replace(/^\d+-/, ''),
      number: name.slice(0, 2),
      ...JSON.parse(readFileSync(join(root, 'exercises', name, 'exercise.json'), 'utf8'))
    }))
}

// Concept and discussion are written by hand and may come later; task and hints are always there.
export function pagesOf(exercise) {
  const page = (file, text, link) => ({ file: join(root, file), text, link: `/${exercise.name}/${link}` })
  return [
    page(`docs/${exercise.name}/index.md`, 'Concept', ''),
    page(`exercises/${exercise.name}/README.md`, 'Task', 'task'),
    page(`exercises/${exercise.name}/hints.md`, 'Hints', 'hints'),
    page(`docs/${exercise.name}/discussion.md`, 'Discussion', 'discussion')
  ]
}

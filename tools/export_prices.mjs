#!/usr/bin/env node
// Writes src/cost/data/catalogue.json from the price package that third_party/genai-prices pins.
//
// usage: export_prices [--check]   (--check compares and writes nothing; exit code 1: they differ)
//
// Kept: what matching and arithmetic need, with context windows. Left out: descriptions, comments,
// and how to read usage out of provider answers. One line a model, so that updates can be reviewed.
import { readFileSync, writeFileSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const home = join(root, 'third_party/genai-prices')
const target = join(root, 'src/cost/data/catalogue.json')
const name = '@pydantic/genai-prices'

if (!existsSync(join(home, 'node_modules', name))) {
  console.log(`skipped: ${name} is not installed; run ./dev setup`)
  process.exit(77)
}
const require = createRequire(join(home, 'package.json'))
const { waitForUpdate } = require(name)
const lock = JSON.parse(readFileSync(join(home, 'package-lock.json')))
const pinned = lock.packages[`node_modules/${name}`]

const model = ({ id, match, context_window, deprecated, prices }) =>
  JSON.stringify({ id, match, context_window, deprecated, prices })

function provider({ id, provider_match, model_match, fallback_model_providers, models }) {
  const head = JSON.stringify({ id, provider_match, model_match, fallback_model_providers })
  return `  ${head.slice(0, -1)},"models":[\n    ${models.map(model).join(',\n    ')}\n  ]}`
}

const providers = await waitForUpdate()
const about = {
  source: name,
  version: pinned.version,
  integrity: pinned.integrity,
  published: JSON.parse(readFileSync(join(home, 'package.json'))).published,
  licence: `${pinned.license}, Copyright (c) Pydantic Services Inc. 2025 to present`,
}
const text =
  `{"about":${JSON.stringify(about)},\n "providers":[\n` +
  `${providers.map(provider).join(',\n')}\n]}\n`

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error(`${target} is not what ${name} ${pinned.version} exports; run tools/export_prices`)
    process.exit(1)
  }
  console.log('exported prices: ok')
} else {
  writeFileSync(target, text)
  console.log(`${providers.length} providers, ${providers.reduce((n, p) => n + p.models.length, 0)} models`)
}

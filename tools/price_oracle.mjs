#!/usr/bin/env node
// Cases for the test of src/cost: calls to models with random names, times and usage, each with
// what the price package that third_party/genai-prices pins charges for it. One JSON object a line.
//
// usage: price_oracle.mjs [CASES [SEED]]   (default: 20000 1; exit code 77: the package is missing)
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = join(dirname(dirname(fileURLToPath(import.meta.url))), 'third_party/genai-prices')
const name = '@pydantic/genai-prices'
if (!existsSync(join(home, 'node_modules', name))) {
  console.error(`skipped: ${name} is not installed; run ./dev setup`)
  process.exit(77)
}
const { calcPrice, waitForUpdate } = createRequire(join(home, 'package.json'))(name)
const providers = await waitForUpdate()
console.warn = () => {}

// mulberry32: the same numbers everywhere.
let state = Number(process.argv[3] ?? 1)
function random() {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const below = (n) => Math.floor(random() * n)
const pick = (list) => list[below(list.length)]
const chance = (p) => random() < p

// A name that a rule was probably written for.
function sample(rule) {
  if (rule.or) return sample(pick(rule.or))
  if (rule.and) return sample(rule.and.find((r) => !r.regex) ?? rule.and[0])
  if (rule.equals) return rule.equals
  if (rule.starts_with) return rule.starts_with + pick(['', '', '-latest', '-20250514', '-preview', ':free'])
  if (rule.ends_with) return pick(['', 'x-', 'us.']) + rule.ends_with
  if (rule.contains) return pick(['', '', 'us.', 'eu.', 'ft:']) + rule.contains + pick(['', '', '-v1:0', '-20250929-v1:0'])
  return rule.regex.replace(/\(\?!.*\)/, '').replace(/\\d\{(\d)\}/g, (_, n) => '20250102'.slice(0, Number(n)))
    .replace(/\\d/g, '7').replace(/\[134\]/, '3').replace(/[\^$]|\(\?:.*\)\?/g, '').replace(/\\/g, '')
}

const spellings = ['openai', 'OpenAI', ' openai ', 'azure.ai.openai', 'azure.ai.inference', 'aws.bedrock',
  'gcp.vertex_ai', 'gcp.gemini', 'gcp.gen_ai', 'x_ai', 'xai', 'mistral_ai', 'moonshot_ai', 'groq.chat',
  'openai.chat', 'anthropic.messages', 'litellm', 'ollama', 'vllm', 'ibm.watsonx.ai', 'together_ai']

function names() {
  const provider = pick(providers)
  const model = pick(provider.models)
  let id = chance(0.9) ? sample(model.match) : model.id
  if (chance(0.05)) id = id.toUpperCase()
  if (chance(0.04)) id = `${provider.id}/${id}`
  if (chance(0.03)) id += pick(['-20250101', '-20251301', 'x', '-2025-01-01'])
  const named = chance(0.75) ? provider.id : chance(0.5) ? undefined : pick(spellings)
  return { provider: named, model: id, source: { provider, model } }
}

const sizes = [0, 1, 7, 100, 1234, 20000, 127999, 128000, 128001, 199999, 200000, 200001, 271999,
  272000, 272001, 1000000]
const amount = () => (chance(0.5) ? pick(sizes) : below(10 ** (1 + below(6))))

// How much the parts of one whole are; together they fit, unless the case is to be contradictory.
function parts(usage, whole, keys) {
  let left = usage[whole]
  for (const key of keys) {
    if (!chance(0.3)) continue
    usage[key] = below(left + 1)
    left -= usage[key]
  }
}

function makeUsage({ model }) {
  const usage = { input_tokens: amount(), output_tokens: amount() }
  parts(usage, 'input_tokens', ['cache_read_tokens', 'cache_write_tokens'])
  if (usage.cache_write_tokens) parts(usage, 'cache_write_tokens', ['cache_write_1h_tokens'])
  const left = usage.input_tokens - (usage.cache_read_tokens ?? 0) - (usage.cache_write_tokens ?? 0)
  const lists = Array.isArray(model.prices) ? model.prices.map((p) => p.prices) : [model.prices]
  const priced = (key) => lists.some((list) => key in list)
  if (priced('input_audio_mtok') && chance(0.6)) {
    usage.input_audio_tokens = below(left + 1)
    if (usage.cache_read_tokens && chance(0.7)) {  // cached audio is both cached and audio
      usage.cache_audio_read_tokens = below(usage.cache_read_tokens + 1)
      usage.input_audio_tokens += usage.cache_audio_read_tokens
    }
  }
  if (priced('output_audio_mtok') && chance(0.6)) usage.output_audio_tokens = below(usage.output_tokens + 1)
  if (priced('output_reasoning_mtok') && chance(0.6)) {
    usage.output_reasoning_tokens = below(usage.output_tokens + 1)
  }
  if (chance(0.1)) usage.web_searches = below(20)
  if (chance(0.05)) usage.storage_searches = below(20)
  if (priced('input_document_kpages')) usage.input_document_pages = below(30)
  if (priced('audio_hours')) {
    usage.audio_seconds = below(chance(0.5) ? 20 : 4000)
    usage.input_audio_seconds = usage.audio_seconds
  }
  if (chance(0.02)) usage.cache_read_tokens = usage.input_tokens + 1 + below(1000)
  if (chance(0.01)) delete usage.input_tokens
  return usage
}

function when({ model }) {
  const dated = Array.isArray(model.prices) ? model.prices.find((p) => p.constraint?.start_date) : undefined
  if (dated && chance(0.5)) {
    return Date.parse(`${dated.constraint.start_date}T00:00:00Z`) + pick([-1, 0, 1, 86400000])
  }
  return Date.UTC(2024, 0, 1) + below(3 * 365 * 86400) * 1000 + below(1000)
}

function expect(model, provider, usage, time) {
  try {
    const price = calcPrice(usage, model, { providerId: provider, timestamp: new Date(time) })
    if (price === null) return null
    return { total: price.total_price, input: price.input_price, output: price.output_price, model: price.model.id }
  } catch (error) {
    return { error: String(error.message) }
  }
}

const count = Number(process.argv[2] ?? 20000)
const lines = []
for (let i = 0; i < count; ++i) {
  const { provider, model, source } = names()
  const usage = makeUsage(source)
  const time = when(source)
  lines.push(JSON.stringify({ provider, model, usage, time_ms: time, expect: expect(model, provider, usage, time) }))
}
process.stdout.write(lines.join('\n') + '\n')

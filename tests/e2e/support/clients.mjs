// The instrumented clients of clients/, each run in a process of its own: two instrumentations of
// the same library must not meet.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const kClients = [
  { name: 'openinference-openai', protocol: 'http/protobuf' },
  { name: 'traceloop-openai', protocol: 'grpc' },
  { name: 'ai-sdk', protocol: 'http/json' },
  { name: 'ai-sdk-legacy', protocol: 'http/json' },
  { name: 'openinference-langchain', protocol: 'http/protobuf' },
  { name: 'langfuse', protocol: 'http/json' },
  { name: 'otel-openai', protocol: 'http/protobuf', contentInLogs: true },
];

// Resolves to what the client printed: {traceId}.
export async function runClient({ name, protocol }, target, modelUrl, idSeed = '') {
  const env = {
    ...process.env,
    OTEL_SERVICE_NAME: name,
    OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? `http://${target.grpc}` : target.http,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_TEST_ID_SEED: idSeed,
    OPENAI_BASE_URL: modelUrl,
    OPENAI_API_KEY: 'none',
  };
  const path = fileURLToPath(new URL(`../clients/${name}.mjs`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { env, timeout: 60_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

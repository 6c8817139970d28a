// Writes FILE.br and FILE.gz beside every text file of dist/, so that the server only picks one.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const kDist = fileURLToPath(new URL('../dist', import.meta.url));
const kTextFile = /\.(js|css|svg|json|txt)$/;

for (const name of readdirSync(kDist, { recursive: true })) {
  if (!kTextFile.test(name)) continue;
  const path = join(kDist, name);
  const content = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  }));
}
